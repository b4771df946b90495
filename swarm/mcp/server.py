"""
The protocol is the official SDK's; what is ours is that nothing but the ten tools answers, and that each only reads.
"""

import json
import logging
from typing import Any

import anyio
from anyio import to_thread
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Offered
from pydantic import ValidationError

from swarm.errors import DeepscanError
from swarm.mcp.arguments import LARGEST, schema_of
from swarm.mcp.library import Library
from swarm.mcp.reply import NOTICE, harmless, text_of
from swarm.mcp.tools import TOOLS, Tool
from swarm.version import installed

INSTRUCTIONS = (
    "Finished deepscan reports of Kubernetes clusters, read only. Start with get_summary. A gap is not health: "
    f"checks_not_measured says how many checks could not look. {NOTICE}"
)
_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def server_of(library: Library) -> Server[Any]:
    """A server with the tools over these reports, and nothing else: no prompts, no resources, no scans."""
    tools = {tool.name: tool for tool in TOOLS}
    one_at_a_time = anyio.CapacityLimiter(1)

    async def list_tools(_: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=offered())

    async def call_tool(_: Any, asked: CallToolRequestParams) -> CallToolResult:
        tool = tools.get(asked.name)
        if tool is None:
            raise MCPError(
                code=INVALID_PARAMS, message=f"there is no such tool; there are {', '.join(tools)}"
            )
        return await to_thread.run_sync(answered, tool, library, asked.arguments or {}, limiter=one_at_a_time)

    return Server(
        "deepscan",
        version=installed(),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def offered() -> list[Offered]:
    """The tools as a client sees them."""
    return [
        Offered(
            name=tool.name,
            description=tool.description,
            input_schema=schema_of(tool.arguments),
            annotations=_READ_ONLY,
        )
        for tool in TOOLS
    ]


def answered(tool: Tool, library: Library, arguments: dict[str, Any]) -> CallToolResult:
    """The tool's answer; what it refuses, or cannot do, is an error that says why."""
    try:
        if len(json.dumps(arguments)) > LARGEST:
            return _refused(f"the arguments are larger than {LARGEST} characters")
        text = text_of(tool.call(library, tool.arguments.model_validate(arguments)))
    except ValidationError as error:
        return _refused("; ".join(_complaint(each) for each in error.errors(include_url=False)[:5]))
    except DeepscanError as error:
        return _refused("; ".join(filter(None, [error.sentence, error.mend])))
    except Exception:  # a bug of ours costs one answer; its traceback is for us and not for the client
        logging.getLogger(__name__).exception("the tool %s failed", tool.name)
        return _refused("deepscan itself failed; its own log says how")
    return CallToolResult(content=[TextContent(type="text", text=text)])


def _complaint(error: Any) -> str:
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}".removeprefix(": ")


def _refused(why: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=f"error: {harmless(why)}")], is_error=True)
