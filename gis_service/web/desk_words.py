"""Everything the desk says in the browser, in both languages, so that no sentence stands in its code."""

from collections.abc import Mapping
from typing import Any

from gis_service.errors import Text
from gis_service.plan.rules import STATUS_LABELS
from gis_service.web.plan_choice import plan_label
from gis_service.workflows.desk_plans import desk_title
from gis_service.workflows.draft_exports import EXPORTS
from gis_service.workflows.draft_uploads import UPLOAD
from gis_service.workflows.plan_names import NOTHING, TODAY

STATE_NAMES: Mapping[str, Text] = {
    "draft": Text("修改中", "in the making"),
    "submitted": Text("待审核", "submitted"),
    "approved": Text("已批准", "approved"),
    "withdrawn": Text("已作废", "withdrawn"),
}
ORIGIN_NAMES: Mapping[str, Text] = {
    TODAY: Text("数据中的现有网格", "the grids in the data"),
    NOTHING: Text("空白（所有单元未划入）", "nothing: every unit in no grid"),
    UPLOAD: Text("上传的网格文件", "a file of grids"),
}
OPERATION_NAMES: Mapping[str, Text] = {
    "assign": Text("划入单元", "put units into a grid"),
    "unassign": Text("移出单元", "take units out"),
    "merge": Text("合并网格", "merge grids"),
    "split_units": Text("切分单元", "cut units"),
    "new_grid": Text("新建网格", "new grid"),
    "make_special": Text("改为专属网格", "make a grid special"),
    "make_base": Text("改为基础网格", "make a grid a base one"),
    "rename": Text("改名", "rename"),
    "lock": Text("锁定网格", "lock a grid"),
    "unlock": Text("解锁网格", "unlock a grid"),
    "note": Text("写备注", "write a note"),
    "together": Text("切分网格", "divide a grid"),
}
COMMAND_NAMES: Mapping[str, Text] = {
    "select": Text("选择", "Choose"),
    "brush": Text("画笔", "Paint"),
    "border": Text("拖界", "Drag border"),
    "box": Text("框选", "Box"),
    "line": Text("划线", "Line"),
    "undo": Text("撤销", "Undo"),
    "redo": Text("重做", "Redo"),
    "assign": Text("划入目标网格", "Assign to chosen grid"),
    "new_grid": Text("新网格", "New grid"),
    "unassign": Text("移出网格", "Take out"),
    "whole_grid": Text("选中整个网格", "Choose the whole grid"),
    "estates": Text("整小区", "Whole estates"),
    "merge": Text("合并", "Merge"),
    "balance": Text("平衡", "Balance"),
    "fix": Text("自动调整", "Mend"),
    "special": Text("专属网格", "Special grid"),
    "rename": Text("改名", "Rename"),
    "lock": Text("锁定", "Lock"),
    "note": Text("备注", "Note"),
    "zoom": Text("缩放到网格", "Zoom to grid"),
    "whole": Text("全图", "Whole map"),
    "nearer": Text("放大", "Zoom in"),
    "farther": Text("缩小", "Zoom out"),
    "cancel": Text("取消", "Cancel"),
    "export": Text("导出", "Export"),
    "help": Text("帮助", "Help"),
}
HINTS: Mapping[str, Text] = {
    "select": Text(
        "单击选单元，Shift 加选；拖动移动地图；方向键逐个走，空格选中", "click a unit, Shift adds; drag moves the map"
    ),
    "brush": Text("按住涂抹，划入目标网格；Alt 单击改目标", "paint into the chosen grid; Alt-click chooses another"),
    "border": Text("从要扩大的网格里按住，拖过边界", "press in the grid that grows and drag across its border"),
    "box": Text("拖出方框选单元，Shift 加选", "drag a box to choose units, Shift adds"),
    "line": Text("逐点单击画线，双击或回车结束", "click points, end with a double-click or Enter"),
}
DECISION_NAMES: Mapping[str, Text] = {
    "submit": Text("提交审核", "Submit"),
    "approve": Text("批准", "Approve"),
    "return": Text("退回修改", "Send back"),
    "withdraw": Text("作废", "Withdraw"),
    "recall": Text("撤回修改", "Take back"),
    "revoke": Text("撤销批准", "Revoke"),
}
SMALL_WORDS: Mapping[str, Mapping[str, Text]] = {
    "mark": {
        "locked": Text("已锁定", "locked"),
        "note": Text("有备注", "note"),
        "new": Text("批准时编码", "new code"),
        "dropped": Text("批准时不保留", "left out on approval"),
        "ends": Text("批准后编码停用", "its code ends on approval"),
    },
    "severity": {"due": Text("须处理", "to do"), "open": Text("提醒", "remark")},
    "badge": {
        "explained": Text("已说明", "explained"),
        "gained": Text("新增", "new"),
        "legacy": Text("原有", "from before"),
    },
    "said_on": {
        "return": Text("退回意见", "Sent back"),
        "submit": Text("提交说明", "Handed in"),
    },
    "line_mode": {
        "split": Text("分开网格", "divide grid"),
        "border": Text("重画边界", "new border"),
        "cut": Text("只切单元", "cut units only"),
    },
}
CHOICES: Mapping[str, tuple[Text, Text]] = {
    "repeat": (
        Text("在最新状态上重做我的", "Repeat mine on the latest state"),
        Text(
            "其间的修改保留，我的接着做；做不成的会列出",
            "what was done stays, mine follows; what cannot be done is listed",
        ),
    ),
    "keep": (
        Text("把我的另存为一份草案", "Keep mine as a draft of my own"),
        Text(
            "这份草案不变，我的单独保存，以后可以并入",
            "this draft stays as it is; mine is kept apart and can be merged later",
        ),
    ),
    "discard": (
        Text("放弃我的修改", "Discard mine"),
        Text("只看最新状态", "go on from the latest state"),
    ),
    "look": (
        Text("知道了，看最新状态", "Go on from the latest state"),
        Text("请重做刚才的一步", "do your last step again"),
    ),
    "merge_withdraw": (
        Text("并入，并作废那份草案", "Merge, and withdraw that draft"),
        Text("它的改动进入本草案；它本身仍可查看", "its work goes into this draft; it can still be read"),
    ),
    "merge_keep": (
        Text("并入，那份草案保留", "Merge, and keep that draft"),
        Text("它可以继续修改", "it can go on"),
    ),
    "merge_not": (Text("不并入", "Do not merge"), Text("两份草案都不变", "both drafts stay as they are")),
}
SENTENCES: Mapping[str, Text] = {
    "new_grid": Text("新网格 {key}", "new grid {key}"),
    "no_grid": Text("未划入", "in no grid"),
    "locked": Text("{grid}已锁定，请先解锁", "{grid} is locked; unlock it first"),
    "special_units": Text("单元属于数据中的专属网格，不能划入基础网格", "the units are land given as special"),
    "there_already": Text("所选单元已在该网格中", "the units are there already"),
    "moved": Text("{units} 个单元划入{grid}", "{units} units put into {grid}"),
    "moved_but": Text("{done}；{why}", "{done}; {why}"),
    "freed": Text("{units} 个单元移出网格", "{units} units taken out"),
    "new_with": Text("{units} 个单元组成{grid}", "{units} units make {grid}"),
    "new_without": Text("已建{grid}，现在可以划入单元", "{grid} made; put units into it"),
    "selected": Text("已选 {units} 个单元", "{units} units chosen"),
    "is_selected": Text("已选", "chosen"),
    "chosen": Text("目标网格：{grid}", "chosen grid: {grid}"),
    "no_number": Text("没有第 {number} 号网格", "there is no grid number {number}"),
    "choose_first": Text("请先在右侧列表或地图上选择网格", "choose a grid first, in the list or on the map"),
    "select_first": Text("请先选择单元", "choose units first"),
    "start_in_grid": Text("请从一个网格里开始拖动", "begin inside a grid"),
    "read_only": Text("这份草案现在只能查看", "this draft can only be looked at now"),
    "undone": Text("已撤销", "undone"),
    "nothing_to_undo": Text("没有可以撤销的操作", "there is nothing to undo"),
    "nothing_to_redo": Text("没有可以重做的操作", "there is nothing to do again"),
    "redone": Text("已重做", "done again"),
    "working": Text("正在找最小的调整…", "looking for the least change…"),
    "mended": Text("已调整，可以撤销", "done; it can be undone"),
    "divided": Text("网格已沿线分开", "the grid is divided along the line"),
    "line_outside": Text("线没有经过任何网格", "the line runs through no grid"),
    "line_no_pair": Text("线要经过两个相邻的网格", "the line must run along two grids that touch"),
    "line_moves_nothing": Text(
        "线与现有边界之间没有整个的单元；需要更细时先用“只切单元”",
        "no whole unit lies between the line and the border; cut units first",
    ),
    "border_moved": Text(
        "边界已移到线旁的单元边上，{units} 个单元换了网格；要正好沿线，先“只切单元”再画一次",
        "the border runs beside the line, {units} whole units moved; to have it on the line, cut units there first",
    ),
    "outside": Text("社区以外", "outside the community"),
    "saved": Text("已保存 · 第 {revision} 版", "saved · revision {revision}"),
    "saving": Text("正在保存…", "saving…"),
    "kept": Text("{steps} 步存在本机", "{steps} steps kept here"),
    "offline": Text(
        "未连接，修改保存在本机（{steps} 步），恢复后自动发送",
        "No connection. Your work is kept in this browser ({steps} steps) and sent as soon as it is back.",
    ),
    "away": Text("未连接；没有未发送的修改", "No connection; nothing waits to be sent."),
    "unkept": Text(
        "未连接，本机也无法保存，请勿关闭页面（{steps} 步）",
        "No connection, and this browser keeps nothing: do not close the page ({steps} steps).",
    ),
    "signed_out": Text(
        "登录已过期，未发送的修改保存在本机", "You are signed out. Unsent work is kept in this browser."
    ),
    "session_over": Text("登录已过期，请刷新页面重新登录", "You are signed out; reload the page and sign in"),
    "sign_in": Text("重新登录", "Sign in again"),
    "not_loaded": Text("草案没有读到，请检查网络后刷新页面", "The draft could not be read; reload the page"),
    "needs_network": Text("这一步需要网络，请稍后再试", "this needs a connection; try again later"),
    "summary": Text("{grids} 个网格 · 规模符合 {within}/{tested}", "{grids} grids · {within}/{tested} in range"),
    "free": Text("未划入 {units} 个单元、{households} 户", "{units} units with {households} households in no grid"),
    "findings_none": Text("没有问题，可以提交", "nothing is wrong; ready to submit"),
    "findings_due": Text("须处理 {due} 项，共 {all} 项", "{due} to do, {all} in all"),
    "findings_all": Text("问题和提醒 {all} 项", "{all} remarks"),
    "findings_clean": Text("没有问题", "nothing is wrong"),
    "findings_held": Text("有修改未送出，送出后重新检查", "changes are not sent yet; checked again when they are"),
    "approved_codes": Text(
        "已批准，只能查看；编码为批准时定下的编码", "approved, with its codes; to be looked at only"
    ),
    "findings_open": Text("可以提交；提醒 {all} 项", "ready to submit; {all} remarks"),
    "reading": Text(
        "单元 {code} · {households} 户 {residents} 人 · {grid}",
        "unit {code} · {households} households, {residents} residents · {grid}",
    ),
    "estate": Text("小区 {estate}", "estate {estate}"),
    "target": Text(
        "{grid} · {households} 户 · {residents} 人 · {status}",
        "{grid} · {households} households · {residents} residents · {status}",
    ),
    "no_target": Text("尚未选择网格", "no grid chosen"),
    "hand": Text("已选 {units} 个单元 · {households} 户", "{units} units · {households} households"),
    "assign_to": Text("划入“{grid}”", "Put into {grid}"),
    "brush_size": Text("画笔大小", "size of the brush"),
    "line_mode": Text("划线做什么", "what the line does"),
    "finish_line": Text("完成", "Done"),
    "beside": Text("{grid}（相邻，{households} 户）", "{grid} (beside, {households} households)"),
    "apart": Text("{grid}（不相邻，{households} 户）", "{grid} (apart, {households} households)"),
    "no_other": Text("没有其他网格", "there is no other grid"),
    "others_locked": Text(
        "其他网格都已锁定，请先解锁要并入的网格", "all others are locked; unlock the one it is to be merged into"
    ),
    "without_land": Text("{grid}还没有范围，请先划入单元", "{grid} has no land; put units into it first"),
    "merge_title": Text("合并“{grid}”", "Merge {grid}"),
    "merge_into": Text("并入", "into"),
    "balance_title": Text("平衡“{grid}”", "Balance {grid}"),
    "balance_with": Text("与哪个网格", "with"),
    "balance_able": Text(
        "{grid}（{households} 户；合计 {both} 户，够分两个合规网格）",
        "{grid} ({households} households; {both} together, enough for two in range)",
    ),
    "balance_unable": Text(
        "{grid}（{households} 户；合计 {both} 户，分不成两个合规网格）",
        "{grid} ({households} households; {both} together, never two in range)",
    ),
    "balance_none": Text(
        "它与任何相邻网格合计都分不成两个合规网格；请用“自动调整”，或先合并再划线切分",
        "with no neighbour can it make two grids in range; use Mend, or merge and divide along a line",
    ),
    "balance_locked": Text(
        "旁边的基础网格都已锁定，请先解锁其中一个", "every base grid beside it is locked; unlock one of them first"
    ),
    "balance_alone": Text(
        "旁边没有基础网格，不能平衡；可以划入或移出单元", "no base grid lies beside it; put units in or take them out"
    ),
    "balance_special": Text("专属网格不受规模检验，无需平衡", "a special grid has no size test and needs no balance"),
    "least_change": Text("程序找最小的调整，使两个网格都符合规模。", "The least change that brings both into range."),
    "special_title": Text("把“{grid}”改为专属网格", "Make {grid} a special grid"),
    "special_words": Text(
        "专属网格（学校、园区、市场等）不受规模检验，须有名称。", "It needs a name and is not tested."
    ),
    "rename_title": Text("“{grid}”改名", "Rename {grid}"),
    "name": Text("名称", "name"),
    "name_hint": Text("留空则按编号命名", "empty: by its number"),
    "note_title": Text("“{grid}”的备注", "Note on {grid}"),
    "note_words": Text("写明例外的理由，审核时可见；有备注的提醒不再阻止提交。", "Say why; the reviewer reads it."),
    "save": Text("保存", "Save"),
    "map": Text("草案地图，用方向键逐个单元移动", "Map of the draft; arrow keys go from unit to unit"),
    "cancel": Text("取消", "Cancel"),
    "close": Text("关闭", "Close"),
    "reason": Text("说明（可不填）", "reason (may be empty)"),
    "remarks": Text("修改意见", "remarks"),
    "submit_title": Text("提交审核", "Hand the draft in"),
    "submit_words": Text("提交后由审核员处理，退回之前不能再改。", "It cannot change until it is sent back."),
    "submit_open": Text("还有 {open} 项提醒，审核员会看到。", "{open} remarks are left; the reviewer sees them."),
    "submit_hint": Text("改了什么、为什么", "what was changed and why"),
    "submit_blocked": Text("草案还不完整，请先处理右侧“须处理”的问题。", "The draft is incomplete; see what is to do."),
    "approve_title": Text("批准为现行方案", "Approve the draft"),
    "approve_words": Text("批准后不能再改；原方案到生效日为止。", "The plan before it ends on the first day in force."),
    "approve_open": Text("还有 {open} 项提醒：", "{open} remarks are left:"),
    "approve_past": Text(
        "生效日期 {day} 早于今天：从那天起按日查到的网格都改为本方案。确定批准吗？",
        "{day} has passed: from that day on this plan takes the place of what was shown. Approve it all the same?",
    ),
    "codes_title": Text("批准时的名称和编码", "Names and codes on approval"),
    "becomes": Text("批准时为“{name}”，编码 {code}", "{name} on approval, code {code}"),
    "effective_from": Text("生效日期", "first day in force"),
    "return_title": Text("退回修改", "Send the draft back"),
    "withdraw_title": Text("作废草案", "Withdraw the draft"),
    "withdraw_words": Text("作废后只能查看，不能恢复。", "It can be read afterwards, not changed."),
    "recall_title": Text("撤回修改", "Take the draft back"),
    "recall_words": Text(
        "撤回后可以继续修改，审核前须重新提交。", "It can be changed again and has to be handed in anew."
    ),
    "did_recall": Text("已撤回，可以继续修改", "taken back; go on with it"),
    "revoke_title": Text("撤销批准", "Revoke the approval"),
    "revoke_words": Text(
        "方案不再生效，原方案继续；其编码不再使用，可从它新建草案。",
        "It never comes into force; its codes are not used again, and a draft can begin from it.",
    ),
    "revoke_reason": Text("撤销的理由", "why"),
    "did_revoke": Text("已撤销批准", "approval revoked"),
    "did_submit": Text("已提交审核", "handed in"),
    "did_approve": Text("已批准", "approved"),
    "did_return": Text("已退回修改", "sent back"),
    "did_withdraw": Text("已作废", "withdrawn"),
    "see_map": Text("在地图上查看", "See the map"),
    "compare": Text("对照", "Compare"),
    "nearer": Text("放大", "Zoom in"),
    "farther": Text("缩小", "Zoom out"),
    "export_title": Text("导出图表和数据", "Take away"),
    "export_words": Text("导出的是草案现在的状态。", "The draft as it stands now."),
    "export_incomplete": Text(
        "草案还不完整：有问题的网格照样导出，图表上会注明尚未批准。",
        "The draft is incomplete; what is exported says that it is not approved.",
    ),
    "export_unsaved": Text("还有修改没有保存，导出的是已保存的状态。", "Unsaved steps are not in what is exported."),
    "export_take": Text("导出", "Export"),
    "export_drawing": Text("正在绘制…", "drawing…"),
    "export_taken": Text("已下载", "downloaded"),
    "journal": Text("日志", "Journal"),
    "journal_title": Text("草案日志", "Journal of the draft"),
    "revision": Text("第 {revision} 版", "revision {revision}"),
    "effective": Text("{day} 起生效", "in force from {day}"),
    "conflict_title": Text("草案已被他人修改", "Somebody else changed the draft"),
    "conflict_own": Text("您在另一窗口改了这份草案", "You changed this draft in another window"),
    "conflict_words": Text(
        "草案已到第 {revision} 版。您在这里的修改还在本机，请选择怎么办。",
        "It is at revision {revision}. Your work here is still in this browser; choose what becomes of it.",
    ),
    "conflict_empty": Text("草案已到第 {revision} 版，刚才的一步没有做。", "It is at revision {revision} now."),
    "theirs": Text("其间的修改", "What was done meanwhile"),
    "mine": Text("我的 {steps} 步", "My {steps} steps"),
    "repeated": Text("已在最新状态上重做 {steps} 步", "{steps} steps repeated on the latest state"),
    "some_refused": Text("有几步没有能重做", "Some steps could not be repeated"),
    "kept_title": Text("{title}（我的）", "{title} (mine)"),
    "merge_button": Text("并入草案", "Merge"),
    "merge_another": Text("并入另一份草案", "Merge another draft"),
    "merge_back": Text("并回原草案", "Merge back"),
    "merge_which": Text(
        "那份草案自分开以来的改动，逐步在本草案上重做。",
        "What was done in it since the drafts parted is repeated here.",
    ),
    "merge_from": Text("并入哪份草案", "which draft"),
    "merge_option": Text("草案 {number}：{title}（{steps} 步）", "draft {number}: {title} ({steps} steps)"),
    "merge_look": Text("查看改动", "See what it did"),
    "merge_none": Text(
        "本社区没有可以并入的草案：要从同一处开始、正在修改，并有自己的改动",
        "no draft can be merged: it must have begun alike, be open, and have work of its own",
    ),
    "merge_draft_title": Text("并入“{title}”", "Merge {title}"),
    "merge_words": Text("{steps} 步中有 {possible} 步可以并入：", "{possible} of {steps} steps can be merged:"),
    "merge_nothing": Text("{steps} 步都不能并入：", "None of {steps} steps can be merged:"),
    "merged": Text("已并入 {possible} 步，可以逐步撤销", "{possible} steps merged; each can be undone"),
    "help_title": Text("键盘操作", "Keyboard"),
    "help_move": Text("在地图上逐个单元移动", "from unit to unit on the map"),
    "help_extend": Text("移动并选中", "move and choose"),
    "help_space": Text("选中或取消单元", "choose the unit or not"),
    "help_number": Text("划入该号网格；没有选中单元时选为目标", "assign to that grid, or choose it"),
    "help_line": Text(
        "划线和框选：方向键移动十字，空格定点，回车结束，退格去掉一点。",
        "Line and box: arrows move a cross, Space sets a point, Enter ends, Backspace takes a point away.",
    ),
    "letters": Text("使用单个字母的快捷键", "use single letters as keys"),
}


EXPORT_NOTES: Mapping[str, Text] = {
    "register": Text("Excel，编码为文本", "Excel, codes as text"),
    "changes": Text("Excel，与现行方案或现有网格对照", "Excel, compared with the plan in force"),
    "map_a3": Text("PDF，新旧两图", "PDF, old and new"),
    "map_a4": Text("PDF，新旧两图", "PDF, old and new"),
    "walk_sheets": Text("PDF，每格一页 A4", "PDF, one A4 a grid"),
    "statement": Text("PDF，一页", "PDF, one page"),
    "gpkg": Text("GeoPackage，网格、单元和楼栋", "grids, units and buildings"),
    "geojson": Text("GeoJSON，网格", "grids"),
    "shapefile": Text("Shapefile，附字段说明", "with a dictionary of its fields"),
}


def origin_name(origin: str, language: str) -> str:
    """Return what people call what a draft begins with."""
    known = ORIGIN_NAMES.get(origin)
    title = known or desk_title(origin)
    return plan_label(origin) if title is None else title.in_language(language)


def desk_texts(language: str) -> dict[str, Any]:
    """Return all words of the desk's page in a language."""

    def words(named: Mapping[Any, Text]) -> dict[str, str]:
        return {name: text.in_language(language) for name, text in named.items()}

    return {
        "say": words(SENTENCES),
        "status": {**words(STATUS_LABELS), "gone": Text("无范围", "no land").in_language(language)},
        "command": words(COMMAND_NAMES),
        "operation": words(OPERATION_NAMES),
        "decision": words(DECISION_NAMES),
        "state": words(STATE_NAMES),
        "hint": words(HINTS),
        "choice": {
            name: {"label": label.in_language(language), "note": note.in_language(language)}
            for name, (label, note) in CHOICES.items()
        },
        **{group: words(named) for group, named in SMALL_WORDS.items()},
        "exports": [
            {
                "name": name,
                "title": export.title.in_language(language),
                "note": EXPORT_NOTES[name].in_language(language),
                "long": export.long,
            }
            for name, export in EXPORTS.items()
        ],
        "size": [text.in_language(language) for text in (Text("小", "S"), Text("中", "M"), Text("大", "L"))],
        "households": Text("户", "households").in_language(language),
        "lock": COMMAND_NAMES["lock"].in_language(language),
        "unlock": Text("解锁", "Unlock").in_language(language),
        "make_special": COMMAND_NAMES["special"].in_language(language),
        "make_base": Text("改为基础", "Make base").in_language(language),
    }
