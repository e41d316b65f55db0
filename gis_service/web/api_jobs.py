"""The part of the interface about long work: where one's own jobs stand, and what came of them."""

from typing import Any

from gis_service.db.job_tables import STATES
from gis_service.web.api_operations import NOT_FOUND, answer, in_path, operation
from gis_service.web.api_schemas import COUNT, TEXT, Schema, described, one_of, optional, record, reference
from gis_service.workflows.job_kinds import WORKS

JOB = "/api/v1/jobs/{number}"
_NUMBER = in_path("number", "任务编号 / number of the job", {"type": "integer", "minimum": 1})
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_STEP = record({"text": TEXT, "done": COUNT, "total": described(COUNT, "0：未知")}) | {"type": ["object", "null"]}

JOB_SCHEMAS: dict[str, Schema] = {
    "JobState": record(
        {
            "id": {"type": "integer", "minimum": 1},
            "kind": one_of(WORKS),
            "state": one_of(STATES),
            "step": described(_STEP, "进行到哪一步"),
            "result": {"type": ["object", "null"], "description": "结果，随 kind 而定"},
            "fault": optional(TEXT, "失败的原因"),
            "file": optional(TEXT, "文件的地址"),
            "created_at": _MOMENT,
            "ended_at": optional(_MOMENT),
        }
    )
}


def job_paths() -> dict[str, Any]:
    """Return the addresses of jobs and what they answer."""
    files = ("application/pdf", "application/octet-stream")
    file = {
        "description": "文件 / the file",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in files},
    }
    return {
        JOB: {"get": _of_own("job", "自己的一项后台任务", "A job of one's own.")},
        f"{JOB}/cancel": {"post": _of_own("job_cancel", "取消", "Give a job up; one that has ended stays as it is.")},
        f"{JOB}/file": {
            "get": operation(
                "job_file",
                "任务生成的文件",
                "The file a job of one's own made, for seven days.",
                {"200": file, "404": NOT_FOUND},
                (_NUMBER,),
            )
        },
    }


def _of_own(name: str, zh: str, en: str) -> dict[str, Any]:
    answers = {"200": answer("任务的状态 / the state of the job", reference("JobState")), "404": NOT_FOUND}
    return operation(name, zh, en, answers, (_NUMBER,))
