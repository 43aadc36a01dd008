"""Write the generated pages of this folder: the command line, the model and the query library.

Run by `make docs`; tests hold that the pages are the ones generated.
"""

from pathlib import Path

from api.reference import commands_page
from graph.reference import model_page
from queries.catalog import page as queries_page

FOLDER = Path(__file__).parent
PAGES = {"commands.md": commands_page, "model.md": model_page, "queries.md": queries_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")
