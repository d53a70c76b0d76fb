#!/usr/bin/env python3
"""Keeps a table of won deals by customer in SQLite, exactly once.

It knows nothing of the code that publishes: only the topic, the headers of CloudEvents, and the JSON Schemas of the
contracts. How far each partition was read stands in the same SQLite file and is moved in the same transaction.
"""

import argparse
import json
import pathlib
import signal
import sqlite3
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from jsonschema import Draft202012Validator

TABLES = """
create table if not exists offsets (
  topic text not null, partition integer not null, next_offset integer not null, primary key (topic, partition)
);
create table if not exists deal (
  id text primary key, customer_id text not null default 'unknown', currency text not null default '',
  amount integer not null default 0, won integer not null default 0
);
create table if not exists won_by_customer (
  customer_id text not null, currency text not null, deals integer not null, amount integer not null,
  primary key (customer_id, currency)
);
"""

COUNT = """
insert into won_by_customer (customer_id, currency, deals, amount)
select customer_id, currency, :sign, :sign * amount from deal where id = :deal and won
on conflict (customer_id, currency)
do update set deals = deals + excluded.deals, amount = amount + excluded.amount
"""

CHANGE = """
update deal set customer_id = coalesce(:customer, customer_id), currency = coalesce(:currency, currency),
  amount = coalesce(:amount, amount), won = coalesce(:won, won)
where id = :deal
"""

# What this consumer reads, and whether the deal is won after it; None leaves that as it is. Other types do not concern
# it, and new ones may come at any time.
WON_AFTER = {
    "guanxi.deal-opened.v1": None,
    "guanxi.deal-won.v1": 1,
    "guanxi.deal-reopened.v1": 0,
    "guanxi.deal-revised.v1": None,
    "guanxi.deal-corrected.v1": None,
}


class Refused(Exception):
    """What a person must look at: going on would lose events or take in wrong ones."""


def read_schemas(folder):
    """The contracts by their $id, which is what the header ce_dataschema names."""
    schemas = {}
    for file in sorted(pathlib.Path(folder).rglob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(schema, dict) and str(schema.get("$id", "")).startswith("urn:guanxi:contract:"):
            checker = Draft202012Validator.FORMAT_CHECKER
            schemas[schema["$id"]] = Draft202012Validator(schema, format_checker=checker)
    if not schemas:
        raise Refused(f"{folder} holds no schema of a contract")
    return schemas


def read_event(message, schemas):
    """The type, subject and data of a message in CloudEvents' binary mode, checked against its contract."""
    where = f"topic {message.topic()}, partition {message.partition()}, offset {message.offset()}"
    try:
        headers = {name: value.decode("utf-8") for name, value in message.headers() or [] if value is not None}
    except ValueError:
        raise Refused(f"{where}: its headers are no UTF-8") from None
    if headers.get("ce_specversion") != "1.0":
        raise Refused(f"{where}: header ce_specversion must be 1.0")
    for name in ("ce_id", "ce_type", "ce_subject", "ce_dataschema"):
        if not headers.get(name):
            raise Refused(f"{where}: header {name} must be there")
    if headers["ce_type"] not in WON_AFTER:
        return None
    schema = schemas.get(headers["ce_dataschema"])
    if schema is None:
        raise Refused(f"{where}: there is no schema {headers['ce_dataschema']}; fetch the newest contracts")
    try:
        data = json.loads(message.value() or b"null")
    except ValueError:
        # What it says may be about a person: it is not shown.
        raise Refused(f"{where}: its data is no JSON") from None
    for error in schema.iter_errors(data):
        raise Refused(f"{where}: {error.json_path} breaks the rule {error.validator} of {headers['ce_dataschema']}")
    return headers["ce_type"], headers["ce_subject"], data


def apply(db, event):
    kind, deal, data = event
    value = data.get("value") or {}
    db.execute(COUNT, {"deal": deal, "sign": -1})
    db.execute("insert into deal (id) values (?) on conflict (id) do nothing", (deal,))
    change = {"customer": data.get("customerId"), "currency": value.get("currency"), "amount": value.get("amount")}
    db.execute(CHANGE, {**change, "won": WON_AFTER[kind], "deal": deal})
    db.execute(COUNT, {"deal": deal, "sign": 1})


def take(db, messages, schemas):
    """Writes what follows from these messages and how far they were read: all of it or nothing.

    The transaction takes the write lock at its beginning, so that of two processes on one file each message is still
    taken by one of them.
    """
    db.execute("begin immediate")
    try:
        for message in messages:
            place = (message.topic(), message.partition())
            row = db.execute("select next_offset from offsets where topic = ? and partition = ?", place).fetchone()
            if row is not None and message.offset() < row[0]:
                continue
            event = read_event(message, schemas)
            if event is not None:
                apply(db, event)
            db.execute(
                "insert into offsets values (?, ?, ?) on conflict do update set next_offset = excluded.next_offset",
                (*place, message.offset() + 1),
            )
        db.execute("commit")
    except BaseException:
        db.execute("rollback")
        raise


def starting_points(consumer, db, topic):
    """Each partition is read from where the table says."""
    found = consumer.list_topics(topic, timeout=30).topics[topic]
    if found.error is not None:
        raise Refused(f"topic {topic}: {found.error.str()}")
    points = []
    for partition in found.partitions:
        row = db.execute(
            "select next_offset from offsets where topic = ? and partition = ?", (topic, partition)
        ).fetchone()
        if row is not None:
            oldest, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
            if not oldest <= row[0] <= end:
                raise Refused(f"{topic}/{partition}: offset {row[0]} is wanted, but Kafka has {oldest} to {end} only")
        points.append(TopicPartition(topic, partition, row[0] if row else OFFSET_BEGINNING))
    return points


def consume(options):
    schemas = read_schemas(options.schemas)
    db = sqlite3.connect(options.database, isolation_level=None, timeout=30)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.executescript(TABLES)
    consumer = Consumer(
        {
            "bootstrap.servers": options.brokers,
            # The client wants a group even where partitions are assigned by hand; it commits nothing to it.
            "group.id": "won-deals-python",
            "enable.auto.commit": False,
            # Only what was committed: messages of an aborted transaction never happened.
            "isolation.level": "read_committed",
            # An offset that Kafka no longer has is a fault, not a reason to begin anywhere.
            "auto.offset.reset": "error",
        }
    )
    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        consumer.assign(starting_points(consumer, db, options.topic))
        print("consuming", file=sys.stderr, flush=True)
        while running:
            messages = consumer.consume(num_messages=options.batch, timeout=0.5)
            for message in messages:
                fault = message.error()
                if fault is not None and (fault.fatal() or fault.code() in UNRECOVERABLE):
                    raise Refused(fault.str())
            # Other errors are news of a broker that is away: the client connects again by itself.
            good = [message for message in messages if message.error() is None]
            if good:
                take(db, good, schemas)
    finally:
        consumer.close()
        db.close()


UNRECOVERABLE = (
    KafkaError._AUTO_OFFSET_RESET,
    KafkaError.OFFSET_OUT_OF_RANGE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
)


def main():
    contracts = pathlib.Path(__file__).resolve().parents[3] / "docs" / "contracts"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brokers", default="127.0.0.1:9092", help="host:port, several with commas")
    parser.add_argument("--topic", default="guanxi.deals")
    parser.add_argument("--database", default="won-deals.sqlite", help="the SQLite file")
    parser.add_argument("--schemas", default=contracts, help="the folder with the JSON Schemas of the contracts")
    parser.add_argument("--batch", type=int, default=500, help="at most so many messages share a transaction")
    try:
        consume(parser.parse_args())
    except (Refused, KafkaException) as fault:
        print(f"won_deals: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
