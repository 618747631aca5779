"""The six spaces of the demonstration, one module each, and the request for a seventh."""

from resana.demo.spaces.accueil import ACCUEIL
from resana.demo.spaces.innovation import INNOVATION
from resana.demo.spaces.labomobile import LABOMOBILE
from resana.demo.spaces.sante import SANTE
from resana.demo.spaces.secheresse import SECHERESSE
from resana.demo.spaces.vitirev import VITIREV
from resana.demo.story import Space, SpaceRequest

SPACES: tuple[Space, ...] = (VITIREV, LABOMOBILE, INNOVATION, SECHERESSE, SANTE, ACCUEIL)

SPACE_REQUESTS: tuple[SpaceRequest, ...] = (
    SpaceRequest(
        by="paul-jonquille",
        days_ago=2,
        at="11:20",
        title="Établissements en démarche de développement durable",
        description="Suivi des établissements de l’académie de Limoges engagés dans la labellisation E3D.",
        purpose="Partager les dossiers de candidature, le calendrier du jury et les retours d’expérience des éco-délégués.",
        visibility="agents",
        visibility_level="card",
        reason="Nous échangeons aujourd’hui par listes de diffusion avec une quarantaine de référents, et les pièces "
        "jointes se perdent. L’espace réunirait le rectorat, la DREAL et les collectivités volontaires.",
    ),
)
