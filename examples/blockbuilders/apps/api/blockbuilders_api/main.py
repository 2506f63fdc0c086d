"""The API of Blockbuilders."""

import os

from fastapi import FastAPI, Header, HTTPException, Query, Request

from blockbuilders_api.backtests import Backtest, Backtests
from blockbuilders_api.kept_backtests import KeptBacktests
from blockbuilders_api.payments import BadWebhook, Payments, verified
from blockbuilders_api.strategies import Strategy, problems_of


def backtests_here() -> Backtests | KeptBacktests:
    """In PostgreSQL where there is one; else in this process, and gone with it."""
    url = os.environ.get("DATABASE_URL")
    return KeptBacktests(url) if url else Backtests()


def create_app(backtests: Backtests | KeptBacktests | None = None) -> FastAPI:
    """The application; tests give it backtests of their own."""
    app = FastAPI(title="Blockbuilders")
    queue = backtests_here() if backtests is None else backtests
    payments = Payments()

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "sha": os.environ.get("GIT_SHA", "unknown")}

    @app.post("/strategies/problems")
    def strategy_problems(strategy: Strategy) -> dict[str, list[str]]:
        return {"problems": problems_of(strategy)}

    @app.post("/backtests", status_code=202)
    def ask_for_backtest(strategy: Strategy, days: int = Query(default=90, ge=1, le=3650)) -> dict[str, str]:
        problems = problems_of(strategy)
        if problems:
            raise HTTPException(422, {"problems": problems})
        asked = queue.add(strategy, days)
        if asked is None:
            raise HTTPException(503, "too many backtests wait; try again later", headers={"Retry-After": "30"})
        return shown(asked)

    @app.get("/backtests/{backtest_id}")
    def show_backtest(backtest_id: str) -> dict[str, str]:
        found = queue.find(backtest_id)
        if found is None:
            raise HTTPException(404, "there is no such backtest")
        return shown(found)

    @app.post("/webhooks/stripe")
    async def stripe_webhook(request: Request, stripe_signature: str = Header(default="")) -> dict[str, bool]:
        secret = os.environ.get("STRIPE_WEBHOOK_SECRET", "")
        if not secret:
            raise HTTPException(503, "no webhooks are taken here")
        try:
            payments.take(verified(await request.body(), stripe_signature, secret))
        except BadWebhook as problem:
            raise HTTPException(400, str(problem)) from problem
        return {"received": True}

    @app.get("/payments/{event}/effects")
    def payment_effects(event: str) -> dict[str, int]:
        return {"count": payments.effects(event)}

    return app


def shown(backtest: Backtest) -> dict[str, str]:
    return {"id": backtest.id, "state": backtest.state, "strategy": backtest.strategy.name}


app = create_app()
