"""Questions about orders, answered with a look into the order book."""

import json

from harbour.llm import MODEL, client

MAX_ROUNDS = 4

ORDERS = {
    "H-1042": {"status": "shipped", "carrier": "Nordpost", "arrives": "Thursday"},
    "H-1077": {"status": "packing", "carrier": None, "arrives": None},
}

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up_order",
            "description": "Status, carrier and day of arrival of one order.",
            "parameters": {
                "type": "object",
                "properties": {"order_id": {"type": "string", "description": "Such as H-1042"}},
                "required": ["order_id"],
            },
        },
    }
]


def look_up_order(order_id: str) -> dict[str, str | None]:
    return ORDERS.get(order_id, {"status": "unknown"})


def run_tool(call) -> dict[str, str]:
    """Run one call the model asked for and return the message that answers it."""
    arguments = json.loads(call.function.arguments or "{}")
    result = look_up_order(arguments.get("order_id", ""))
    return {"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)}


def answer_about_order(question: str) -> str:
    """Answer a question about an order; the first step must be a look into the order book."""
    messages = [
        {"role": "system", "content": "Answer in one sentence, from the order book only."},
        {"role": "user", "content": question},
    ]
    response = client.chat.completions.create(
        model=MODEL, messages=messages, tools=TOOLS, tool_choice="required", parallel_tool_calls=False
    )
    for _ in range(MAX_ROUNDS):
        message = response.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message.model_dump(exclude_none=True))
        messages.extend(run_tool(call) for call in message.tool_calls)
        response = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    return "I have passed your question on to a colleague."
