"""Write the generated pages of this folder: the model and the query library.

Run by `make docs`; tests hold that the pages are the ones generated.
"""

from pathlib import Path

from graph.reference import model_page
from queries.catalog import page as queries_page

FOLDER = Path(__file__).parent
PAGES = {"model.md": model_page, "queries.md": queries_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")
