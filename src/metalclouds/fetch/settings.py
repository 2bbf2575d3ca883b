"""Settings of the stage fetch."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _without_secrets(address: str) -> str:
    """The address, if it holds no user or password: the configuration is shown on the page and kept in run.json.

    Raises
    ------
    ValueError
        If it does. The address is not repeated.
    """
    if "@" in urlsplit(address).netloc:
        raise ValueError("no user or password here: give them in the environment (HTTPS_PROXY) or in ~/.netrc")
    return address


Address = Annotated[str, Field(pattern="^(https?|socks[45][ah]?)://"), AfterValidator(_without_secrets)]


class ZenodoSettings(BaseModel):
    """The record of the paper, and how to ask for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: int = Field(
        default=15713532,
        description="id of one version of the record (a newer version is reported, not used)",
        gt=0,
    )
    base_url: Address = Field(
        default="https://zenodo.org",
        description="address of the API, or of a mirror",
    )
    token_variable: str = Field(
        default="ZENODO_TOKEN",
        description="environment variable that may hold an access token (raises the rate limit; never written down)",
    )
    manifest: str = Field(
        default="config/manifests/zenodo-15713532.json",
        description="committed manifest to verify against; where it is missing, the first contact writes one into "
        "the cache, which can be copied here",
    )


class GiroSettings(BaseModel):
    """Sporadic E of the Beijing Digisonde, which is not in the record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="ask GIRO for the case nights (source zenodo only)")
    base_url: Address = Field(
        default="https://lgdc.uml.edu/fastchar/getbest",
        description="address of the characteristics service",
    )
    station: str = Field(default="BP440", description="URSI code; BP440 is Beijing", pattern="^[A-Z0-9]{5}$")
    last_day: str = Field(
        default="2021-11-07",
        description="last day that the service holds for the station; later nights are not asked for, and said",
    )
    characteristics: tuple[str, ...] = Field(
        default=("foEs", "hEs", "fbEs", "foF2", "hF2"), description="characteristics asked for, in this order"
    )
    pause_s: float = Field(
        default=8.0, description="pause between requests, s (429 after about nine quick ones)", ge=0
    )


class LocalSettings(BaseModel):
    """A folder of somebody's own files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str | None = Field(default=None, description="folder with the files (source local)")
    synthetic: bool = Field(default=False, description="true if the files are simulated: everything will say so")
    title: str = Field(default="files of a local folder", description="what the files are, for the page")


class FetchSettings(BaseModel):
    """Where files come from and how they are brought."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zenodo: ZenodoSettings = Field(default_factory=ZenodoSettings, description="the record of the paper")
    giro: GiroSettings = Field(default_factory=GiroSettings, description="the Digisonde's characteristics")
    local: LocalSettings = Field(default_factory=LocalSettings, description="a folder of your own")
    cache: str = Field(
        default="downloads",
        description="folder of downloaded files; kept by `make clean`, may be shared by users",
    )
    connections: int = Field(default=2, description="downloads at a time", ge=1, le=2)
    attempts: int = Field(default=6, description="tries in a row without a byte of progress before giving up", ge=1)
    backoff_s: float = Field(default=2.0, description="first pause after a failure, s; doubled each time", ge=0)
    longest_wait_s: float = Field(
        default=3700.0, description="longest wait that a server's rate limit may ask for, s", ge=0
    )
    timeout_s: float = Field(default=60.0, description="silence after which a connection is given up, s", gt=0)
    proxy: Address | None = Field(
        default=None,
        description="proxy URL without a password; default: the environment's HTTPS_PROXY, which may have one",
    )
