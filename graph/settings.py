"""Every setting of the product, read once from the environment (prefix `GUANXI_`) or a `.env` file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.errors import BadInput


class Settings(BaseSettings):
    """Where state lives, which graph server is used and how the API listens."""

    model_config = SettingsConfigDict(
        env_prefix="GUANXI_", env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Path = Field(Path.home() / ".guanxi", description="folder of all state: lake, graph, logs")
    graph_url: str = Field("embedded", description="'embedded', or bolt://host:port of a Neo4j server")
    graph_user: str = Field("neo4j", description="user of a server named by graph_url")
    graph_password: SecretStr = Field(SecretStr(""), description="that user's password")
    graph_database: str = Field("neo4j", description="database on that server")
    graph_heap: str = Field("1g", description="memory of the embedded server, such as 1g or 512m")
    query_seconds: float = Field(10.0, gt=0, le=600, description="time limit of a question, seconds")
    query_rows: int = Field(10_000, ge=1, description="most rows a question may return")
    phone_key: SecretStr = Field(
        SecretStr(""), description="keys of phone tokens, k1:BASE64, newest last; empty: a file below home"
    )
    vault_key: SecretStr = Field(
        SecretStr(""), description="keys of the phone vault, v1:BASE64, newest last; empty: a file below home"
    )
    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the API listens on; 0 picks a free one")

    @field_validator("home")
    @classmethod
    def _from_the_root(cls, home: Path) -> Path:
        """`~` is the user's folder, and no later change of folder moves the state."""
        try:
            return home.expanduser().absolute()
        except RuntimeError:
            raise ValueError(f"there is no user's folder {home.parts[0]}") from None

    @property
    def lake_folder(self) -> Path:
        return self.home / "lake"

    @property
    def graph_folder(self) -> Path:
        return self.home / "graph"

    @property
    def keys_folder(self) -> Path:
        return self.home / "keys"

    @property
    def quarantine_folder(self) -> Path:
        return self.home / "quarantine"


@cache
def settings() -> Settings:
    """The settings of this process. Raises BadInput naming the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = "GUANXI_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(f"{variable}: {first['msg']} (it is {first['input']!r})") from None
