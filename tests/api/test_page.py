"""The account's page as text: what it says, in which language, and what it says where there is nothing."""

import re
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.trend import trend_of
from api.pages.words import Language, speaker
from api.tables import Listing
from graph.connect import on_embedded
from graph.lake import Lake
from graph.settings import Settings
from graph.statement import Statement
from tests.api.served import small_graph
from tests.queries.small_world import d


@pytest.fixture(scope="module")
def page(client):
    return client.get("/").text


def section(text, key):
    """The part of the page between a section's heading and its end."""
    return re.search(rf'id="{key}">.*?</section>', text, re.DOTALL)[0]


def test_the_first_page_is_of_the_account_that_loses_most(page):
    assert '<h1 id="name">华信集团</h1>' in page
    assert 'value="a1"' in page


def test_the_language_is_chinese_first_and_english_on_request(client, page):
    assert '<html lang="zh-CN">' in page
    assert "流失风险成员" in page
    english = client.get("/?account=a1&lang=en").text
    assert '<html lang="en">' in english
    assert "Members at risk" in english
    assert "流失风险成员" not in english
    assert client.get("/?lang=fr").status_code == 422


def test_the_head_has_the_figures_of_the_account(page):
    head = page[page.index('class="head"') : page.index('class="columns"')]
    assert "60 天内预计流失" in head
    assert ">1.2 <" in head
    assert "占在网成员 40%" in head  # 1.2 of 3
    assert "已离网 2" in head
    assert "占员工 30%" in head  # 3 of 10
    assert "最近会面 2026-10-20" in head
    assert "还有 45 天" in head
    assert "孙丽" in head
    assert "广东 440100" in head
    assert "¥200" in head
    assert "2026-10 账单" in head


def test_the_data_date_and_the_run_stand_on_top(page):
    assert "数据截至 <strong>2026-10-31</strong>" in page
    assert '<a href="/runs/run-1">run-1</a>' in page


def test_members_at_risk_come_with_reasons_and_links(page):
    risk = section(page, "risk")
    assert re.findall(r'href="/members/(m\d+)"', risk) == ["m01", "m02", "m03"]
    assert "<strong>70%</strong>" in risk
    assert "60%–80%" in risk
    assert "<li>三名常联系的人已离开</li><li>合约 45 天后到期</li>" in risk
    assert "138****0001" in risk
    assert "/queries/members/list_at_risk?account_id=a1" in risk


def test_each_section_links_its_query_and_its_csv(client, page):
    for key in ("risk", "ties", "unmet", "communities", "partners", "white_space"):
        links = re.search(r'<p class="links">(.*?)</p>', section(page, key), re.DOTALL)[1]
        query, file = (found.replace("&amp;", "&") for found in re.findall(r'href="([^"]+)"', links))
        assert client.get(query).json()["as_of"] == "2026-10-31"
        assert client.get(file).headers["content-type"].startswith("text/csv")


def test_key_contacts_partners_and_white_space(page):
    unmet = section(page, "unmet")
    assert re.search("李娜.*2026-05-01.*吴静.*2026-04-01", unmet, re.DOTALL)
    assert "王磊" not in unmet
    assert "星途代理" in section(page, "partners")
    assert "云视讯" in section(page, "white_space")


def test_the_picture_has_a_table_twin(page):
    ties = section(page, "ties")
    assert 'data-edges="3"' in page
    assert ties.count("data-edge ") == ties.count("<tr data-tie>") == 3
    assert ties.count("data-node ") == 4  # 王磊, whose line m01 is, m02, m03, and 李娜, who reports to 王磊
    assert "<title>联系人 · 王磊" in ties


def test_a_name_finds_its_account(client):
    assert (
        client.get("/?account=粤海银行", follow_redirects=False).headers["location"] == "/?account=a3&lang=zh"
    )
    assert '<h1 id="name">粤海银行</h1>' in client.get("/?account=粤海").text
    assert '<h1 id="name">北辰学校</h1>' in client.get("/?account=%20a4%20").text


def test_a_part_of_several_names_offers_them(client):
    answer = client.get("/?account=华信&lang=en")
    assert answer.status_code == 200
    assert re.findall(r'href="/\?account=(a\d)&amp;lang=en"', answer.text) == ["a1", "a2"]


def test_an_unknown_account_is_told_so_as_a_page(client):
    answer = client.get("/?account=<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'href="/?account=a1' in answer.text


def test_what_is_not_known_of_an_account_is_said(client):
    text = client.get("/?account=a4").text
    assert "尚无评分" in text
    assert "未登记" in text  # no manager
    assert "已过 30 天" in text  # the contract ended on 1 October
    assert "本客户成员之间没有通信记录" in text
    assert "没有账单" not in text
    assert "月收入" not in text


def test_headings_go_in_order_and_every_table_has_scopes(page):
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert re.findall(r"<th(?! scope)[ >]", page.replace("<thead", "")) == []
    assert page.index('class="skip"') < page.index("<header")


def test_without_a_run_the_page_says_what_to_do(graph_server, tmp_path):
    with on_embedded(graph_server) as store:
        store.write(Statement("MATCH (n) DETACH DELETE n"))
        client = TestClient(create_app(Lake(tmp_path), store, Settings(_env_file=None)))
        empty = client.get("/")
        assert empty.status_code == 200
        assert "guanxi load" in empty.text
        store.write(Statement("CREATE (:Account {account_id: 'x1'})"))
        store.write(
            Statement("MATCH (a:Account) CREATE (:Member {member_id: 'm1'})-[:BELONGS_TO {key: ''}]->(a)")
        )
        text = client.get("/").text
    assert '<h1 id="name">x1</h1>' in text
    assert "guanxi refresh" in section(text, "risk")
    assert "guanxi refresh" in section(text, "communities")
    assert "数据中没有联系人" in section(text, "unmet")
    assert "数据中没有合作伙伴" in section(text, "partners")
    assert "数据中没有产品" in section(text, "white_space")
    assert "尚无运行结果" in text


def test_a_hostile_name_is_only_text(graph_server, tmp_path):
    name = '"><img src=x onerror=alert(1)>'
    with small_graph(graph_server) as store:
        store.write(Statement("MATCH (a:Account {account_id: 'a1'}) SET a.name = $name", {"name": name}))
        store.write(Statement("MATCH (c:Contact {contact_id: 'c1'}) SET c.name = $name", {"name": name}))
        text = (
            TestClient(create_app(Lake(tmp_path), store, Settings(_env_file=None))).get("/?account=a1").text
        )
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_the_trend_compares_with_the_three_months_before():
    say = speaker(Language.en)
    amounts = [50.0, 100.0, 100.0, 100.0, 90.0]
    rows = [{"month": d(f"2026-0{i}-01"), "billed": amount} for i, amount in enumerate(amounts, start=5)]
    trend = trend_of(Listing("revenue", (), rows, link="/x"), say)
    assert trend.newest == 90.0
    assert trend.said == ("billed for 2026-09", "−10.0% on the three months before")
    assert [bar.height for bar in trend.bars] == [17.0, 34.0, 34.0, 34.0, 30.6]
    assert trend_of(Listing("revenue", (), []), say) is None
