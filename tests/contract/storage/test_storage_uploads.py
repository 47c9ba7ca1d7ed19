"""What was uploaded is known until it is removed."""

from __future__ import annotations

from datetime import timedelta

from rows import UNHOLDABLE

from panglot.storage.database import Database
from panglot.storage.records import Project
from panglot.storage.uploads import Uploads


class TestUploads:
    def test_are_kept_until_removed(self, database: Database, project: Project) -> None:
        uploads = Uploads(database)
        upload = uploads.add(project.id, id="u1", key="uploads/u1", size=5 << 32)
        assert uploads.get("u1") == upload
        assert uploads.get(UNHOLDABLE) is None
        assert uploads.older_than(upload.created) == ()
        assert uploads.older_than(upload.created + timedelta(microseconds=1)) == (upload,)
        uploads.remove("u1")
        uploads.remove("u1")
        assert uploads.get("u1") is None
