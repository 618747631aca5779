"""Column types that every table shares."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import mapped_column

from .text import new_id

BigInt = BigInteger().with_variant(Integer, "sqlite")

Key = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]
PublicId = Annotated[str, mapped_column(String(26), unique=True, default=new_id)]
