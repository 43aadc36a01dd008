"""Write the generated pages of this folder: the command line, the model, the query library, portable Cypher.

Run by `make docs`, which also lists the library's checked texts; tests hold that all is as generated.
"""

from pathlib import Path

from api.reference import commands_page
from graph.reference import model_page, servers_page
from queries.catalog import digests
from queries.catalog import page as queries_page
from queries.portable import CHECKED
from queries.portable import page as portable_page

FOLDER = Path(__file__).parent
PAGES = {
    "commands.md": commands_page,
    "model.md": model_page,
    "queries.md": queries_page,
    "servers.md": servers_page,
    "portable-cypher.md": portable_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")
    CHECKED.write_text(digests(), encoding="utf-8")
    print(f"queries/library/{CHECKED.name}")
