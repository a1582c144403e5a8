"""What people call the states of records besides their names, by the code of the state and by standing.

Words of searches only: sheets are read by the names and aliases of a life cycle.
"""

from __future__ import annotations

from collections.abc import Iterator

# Before and behind a Chinese word of a change: 已撤销, 被撤销了.
BEFORE, BEHIND = ("", "已", "已经", "被", "已被", "遭"), ("", "了")

# Code of a state → (Chinese words of a change, other Chinese words, English words).
WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "expired": (
        ("过期", "到期", "到期失效", "超期", "期满"),
        ("过了期", "过了有效期", "过有效期", "逾期", "有效期已过", "证书到期"),
        ("expired", "lapsed", "ran out", "run out", "out of date", "past their date", "not renewed"),
    ),
    "revoked": (
        ("撤销", "吊销", "撤", "取消", "撤回", "撤掉", "吊销掉"),
        (),
        ("revoked", "rescinded", "annulled", "taken away", "stripped", "withdrawn by the body"),
    ),
    "cancelled": (
        ("注销", "申请注销"),
        ("自愿注销", "主动注销", "自己注销"),
        ("cancelled", "canceled", "given up", "surrendered"),
    ),
    "suspended": (
        ("暂停", "停", "中止", "停用", "冻结", "叫停"),
        ("暂停使用", "暂停中", "被停了的"),
        ("suspended", "on hold", "paused", "frozen", "halted", "temporarily stopped"),
    ),
    "superseded": (
        ("代替", "替代", "取代", "替换", "更新掉", "换版"),
        ("旧版", "老版", "旧版本", "老版本", "旧标准", "老标准", "旧的", "过时", "已过时", "过时的", "废止", "已废止"),
        (
            "superseded", "replaced", "obsolete", "outdated", "old edition", "older edition", "previous edition",
            "former edition", "earlier edition", "old version", "previous version", "obsolete edition", "repealed",
        ),
    ),
    "withdrawn": (
        ("废止", "作废", "废除", "废", "撤回"),
        ("不再执行", "停止执行", "不用了"),
        ("withdrawn", "repealed", "abolished", "abrogated", "scrapped", "no longer applied"),
    ),
    "upcoming": (
        (),
        (
            "即将实施", "还没实施", "还未实施", "尚未实施", "没有实施", "没实施", "未实施", "还没生效", "未生效", "尚未生效", "还未生效",
            "没生效", "待实施", "将实施", "将要实施", "快要实施", "马上实施", "即将生效", "还没执行", "尚未执行", "新版即将实施",
        ),
        (
            "upcoming", "forthcoming", "not yet in force", "not in force yet", "coming into force", "future", "planned",
            "not yet effective", "not effective yet", "about to take effect", "to come into force", "pending",
        ),
    ),
    "scheduled": (
        (),
        ("即将实施", "还没实施", "尚未实施", "未实施", "未生效", "尚未生效", "还没生效", "待实施"),
        ("upcoming", "forthcoming", "not yet in force", "not in force yet", "coming into force", "scheduled"),
    ),
    "downgraded": (
        ("降级", "调低", "降低等级", "评级调低", "等级调低", "降等", "下调"),
        ("降了级", "降级处理", "评级下调", "等级下降", "等级降低"),
        ("downgraded", "lowered", "grade lowered", "lower grade than before", "demoted"),
    ),
    "removed": (
        ("移出", "移出名录", "除名", "摘牌", "取消资格", "取消称号", "取消", "摘掉牌子", "踢出", "踢出名录", "剔除"),
        ("丢了牌子", "失去称号", "失去资格", "丢掉称号", "被摘了牌"),
        (
            "removed", "delisted", "struck off", "taken off the list", "dropped from the list", "expelled", "lost the title",
            "lost its title", "lost their title", "lost their titles", "stripped of the title", "stripped of their title",
            "no longer listed", "disqualified",
        ),
    ),
    "rectifying": (
        ("约谈", "责令整改", "要求整改"),
        (
            "整改", "整改中", "限期整改", "限期改正", "正在整改", "在整改", "限期改进", "整顿", "需要整改",
            "约谈整改",
        ),
        (
            "under rectification", "rectifying", "ordered to improve", "ordered to rectify", "told to improve",
            "asked to improve", "must improve", "on probation", "under review for improvement",
        ),
    ),
    "publicity": (
        (),
        ("公示", "公示中", "正在公示", "公示期", "拟认定", "征求意见"),
        ("proposed", "open for objections", "public notice", "under public notice"),
    ),
    "under_check": (
        ("立案", "调查", "查"),
        ("核查", "核查中", "检查中", "正在核查", "在查", "监督检查中"),
        ("under check", "under investigation", "being investigated", "being checked", "under inspection"),
    ),
    "misfiled": (
        ("误报", "报错", "填错"),
        ("公开有误", "填报错误", "误填", "误公开", "错误公开"),
        ("filed by mistake", "filed in error", "misfiled", "mistaken", "by mistake"),
    ),
    "correction_ordered": (
        ("责令改正",),
        ("责令限期改正", "限期改正", "要改正"),
        ("correction ordered", "ordered to correct", "told to correct"),
    ),
    "number_revoked": (
        ("撤销编号", "编号撤销"),
        ("编号被撤销", "标准编号被撤销", "编号被撤", "编号作废"),
        ("number revoked", "number withdrawn", "number was revoked"),
    ),
    "deregistered": (
        ("注销", "吊销", "吊销执照", "解散", "倒闭"),
        ("关门", "不存在", "不在了"),
        ("deregistered", "dissolved", "closed down", "out of business", "defunct", "wound up"),
    ),
    "rejected": (
        ("否决", "驳回"),
        ("未通过", "没通过", "不予认定", "落选", "没评上"),
        ("rejected", "turned down", "not recognised", "not recognized", "refused"),
    ),
}  # fmt: skip

# Words of a standing: whatever the state is called in its register.
OF_STANDING: dict[str, tuple[str, ...]] = {
    "in_force": (
        "有效", "现行", "现行有效", "仍有效", "仍然有效", "还有效", "依然有效", "在用", "还在用", "在有效期", "有效期内", "在有效期内",
        "没过期", "未过期", "没有过期", "生效中", "目前有效", "现在有效", "生效",
        "valid", "still valid", "in force", "still in force", "current", "currently valid", "in effect", "still in effect",
        "still current", "up to date", "not expired", "active", "in use",
    ),
    "ended": (
        "失效", "已失效", "无效", "不再有效", "已经失效", "没有效力", "失效了", "不能用", "不能再用", "不再使用", "已结束", "没效",
        "作废", "已作废", "已经作废", "作废了",
        "no longer valid", "no longer in force", "not valid any more", "not in force any more", "invalid", "void",
        "not valid", "no longer current", "no longer in effect", "ended", "not in force", "no longer in use",
    ),
}  # fmt: skip


def words_for_state(code: str) -> Iterator[str]:
    """Yield what a state is called in searches besides its names; nothing for a code without such words."""
    changes, chinese, english = WORDS.get(code, ((), (), ()))
    for change in changes:
        is_short = len(change) == 1  # 撤 alone is too little: 被撤, 撤了
        yield from (
            before + change + behind
            for before in BEFORE
            for behind in BEHIND
            if (before or behind) or not is_short
        )
    yield from (*chinese, *english)
