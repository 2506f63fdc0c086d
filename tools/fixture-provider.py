"""A provider of Terraform and OpenTofu for tests: each `fixture_file` is a file whose lines are `size` and `note`, so that
somebody who writes into it has changed one attribute of a resource that is still there."""

import os
import sys

from tf import runner, types
from tf.iface import Resource
from tf.provider import Provider
from tf.schema import Attribute, Schema


class File(Resource):
    def __init__(self, provider):
        pass

    @classmethod
    def get_name(cls):
        return "file"

    @classmethod
    def get_schema(cls):
        return Schema(
            version=0,
            attributes=[
                Attribute("path", types.String(), required=True, requires_replace=True),
                Attribute("size", types.String(), required=True),
                Attribute("note", types.String(), required=True, sensitive=True),
            ]
        )

    def create(self, ctx, planned):
        with open(planned["path"], "w", encoding="utf-8") as file:
            file.write(f"{planned['size']}\n{planned['note']}\n")
        return planned

    def read(self, ctx, current):
        if not os.path.exists(current["path"]):
            return None
        with open(current["path"], encoding="utf-8") as file:
            size, note, *_ = file.read().split("\n")
        return {**current, "size": size, "note": note}

    def update(self, ctx, current, planned):
        return self.create(ctx, planned)

    def delete(self, ctx, current):
        os.remove(current["path"])


class Fixture(Provider):
    def get_model_prefix(self):
        return "fixture_"

    def full_name(self):
        return "mirror.invalid/fairway/fixture"

    def get_provider_schema(self, diags):
        return Schema(attributes=[])

    def validate_config(self, diags, config):
        pass

    def configure_provider(self, diags, config):
        pass

    def get_data_sources(self):
        return []

    def get_resources(self):
        return [File]

    def get_functions(self):
        return []


runner.run_provider(Fixture(), sys.argv)
