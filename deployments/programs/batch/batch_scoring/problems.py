"""Why nothing is scored: a code, a sentence, and facts for machines such as `column`, `expected` and `found`."""


class Problem(Exception):
    def __init__(self, code, detail, **extra):
        super().__init__(detail)
        self.code, self.detail, self.extra = code, detail, extra

    def facts(self):
        return {"code": self.code, "detail": self.detail[:4000], **self.extra}
