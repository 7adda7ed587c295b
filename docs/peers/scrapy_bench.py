"""What a page costs Scrapy, on the shop that `markhound bench crawl` scans.

    pip install scrapy warcio extruct price-parser
    markhound bench shop --pages 3200 --page-size 9300     # prints its address
    python docs/peers/scrapy_bench.py http://127.0.0.1:PORT parse|warc|all|three|four

`parse` fetches the pages of the sitemap, robots.txt obeyed, and reads the fields that
the shop's definition names; `warc` writes each exchange with warcio as well; `all` keeps
Scrapy's frontier on disk (JOBDIR) and the items in SQLite too, committed 16 at a time. `three`
and `four` do all of that and read the product by extruct in whatever spelling a page states it:
JSON-LD, microdata and OpenGraph, and RDFa as the fourth, as Markhound does; amounts are read by
price-parser. Nothing is synced to disk. Printed is the processor time from the start of the crawl to its end,
the loading of Python's modules not counted.
"""

import json
import resource
import sqlite3
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import extruct
from price_parser import Price
from scrapy.crawler import CrawlerProcess
from scrapy.spiders import SitemapSpider
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

BASE, WORK = sys.argv[1].rstrip("/"), sys.argv[2]
FOLDER = Path(tempfile.mkdtemp())


SPELLINGS = {
    "three": ["json-ld", "microdata", "opengraph"],
    "four": ["json-ld", "microdata", "opengraph", "rdfa"],
}


class Shop(SitemapSpider):
    name = "shop"
    sitemap_urls = [BASE + "/sitemap.xml"]
    sitemap_rules = [("/product/", "item")]

    def item(self, response):
        if WORK in SPELLINGS:
            yield self.of_any_spelling(response)
            return
        product = {}
        for text in response.css('script[type="application/ld+json"]::text').getall():
            document = json.loads(text)
            for node in document.get("@graph", [document]):
                if node.get("@type") == "Product":
                    product = node
        offer = product.get("offers", {})
        heading = response.css("h1::text").get()
        yield {
            "url": response.url,
            "title": product.get("name") or heading,
            "heading": heading,
            "description": product.get("description"),
            "price": offer.get("price"),
            "currency": offer.get("priceCurrency"),
            "availability": offer.get("availability"),
            "brand": (product.get("brand") or {}).get("name"),
            "gtin": product.get("gtin13"),
        }

    def of_any_spelling(self, response):
        data = extruct.extract(
            response.text, base_url=response.url, syntaxes=SPELLINGS[WORK], uniform=True
        )
        nodes = [n for of in data.values() for m in of for n in m.get("@graph", [m])]
        products = [n for n in nodes if n.get("@type") in ("Product", "product")]
        product = products[0] if products else {}
        offer = product.get("offers", {})
        heading = response.css("h1::text").get()
        amount = Price.fromstring(str(offer.get("price")), offer.get("priceCurrency")).amount
        return {
            "url": response.css("link[rel=canonical]::attr(href)").get() or response.url,
            "title": product.get("name") or heading,
            "heading": heading,
            "others": [n.get("og:title") or n.get("name") for n in products[1:]],
            "description": product.get("description"),
            "price": str(amount),
            "currency": offer.get("priceCurrency"),
            "availability": offer.get("availability"),
            "brand": (product.get("brand") or {}).get("name"),
            "gtin": product.get("gtin13"),
        }


class Warc:
    """A downloader middleware that keeps each exchange."""

    def __init__(self):
        out = open(FOLDER / "shop.warc.gz", "wb")
        self.writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")

    def process_response(self, request, response):
        def lines(headers):
            return [(k.decode(), v[0].decode("latin1")) for k, v in headers.items()]

        answer = self.writer.create_warc_record(
            request.url,
            "response",
            payload=BytesIO(response.body),
            http_headers=StatusAndHeaders(
                f"{response.status} OK", lines(response.headers), protocol="HTTP/1.1"
            ),
        )
        asked = self.writer.create_warc_record(
            request.url,
            "request",
            http_headers=StatusAndHeaders(
                "GET / HTTP/1.1", lines(request.headers), is_http_request=True
            ),
        )
        self.writer.write_request_response_pair(asked, answer)
        return response


class Listings:
    """An item pipeline into SQLite."""

    def open_spider(self):
        self.database = sqlite3.connect(FOLDER / "listings.db")
        self.database.execute("PRAGMA journal_mode = wal")
        self.database.execute(
            "CREATE TABLE listings (id INTEGER PRIMARY KEY, url TEXT UNIQUE, title TEXT,"
            " price TEXT, currency TEXT, data TEXT, seen INTEGER)"
        )
        self.written = 0

    def process_item(self, item):
        self.database.execute(
            "INSERT INTO listings (url, title, price, currency, data, seen)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET data = excluded.data",
            (
                item["url"],
                item["title"],
                item["price"],
                item["currency"],
                json.dumps(item),
                int(time.time()),
            ),
        )
        self.written += 1
        if self.written % 16 == 0:
            self.database.commit()
        return item

    def close_spider(self):
        self.database.commit()


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


settings = {
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
    "DOWNLOAD_DELAY": 0,
    "TELNETCONSOLE_ENABLED": False,
}
if WORK != "parse":
    settings["DOWNLOADER_MIDDLEWARES"] = {Warc: 50}
if WORK not in ("parse", "warc"):
    settings["ITEM_PIPELINES"] = {Listings: 300}
    settings["JOBDIR"] = str(FOLDER / "job")

process = CrawlerProcess(settings)
crawler = process.create_crawler(Shop)
process.crawl(crawler)
before, start = spent(), time.time()
process.start()
items = crawler.stats.get_value("item_scraped_count")
print(
    f"{WORK}: {items} items, {1000 * (spent() - before) / items:.2f} ms of processor time"
    f" an item, {items / (time.time() - start):.0f} items a second"
)
