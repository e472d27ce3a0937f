"""An ICE agent of libnice for TCP, told what to do on its standard input.

Arguments: the address to listen on, and "controlling" or "controlled". Prints a line of JSON with its ufrag, pwd and
candidates; reads one with those of the other side; prints {"state": "ready"} when a pair is chosen, and says hello on it.
"""
import ctypes
import json
import sys

import gi

gi.require_version("Nice", "0.1")
from gi.repository import GLib, Nice

host, role = sys.argv[1:]
loop = GLib.MainLoop()
agent = Nice.Agent.new(GLib.MainContext.default(), Nice.Compatibility.RFC5245)
agent.set_property("ice-udp", False)
agent.set_property("ice-tcp", True)
agent.set_property("upnp", False)
agent.set_property("controlling-mode", role == "controlling")
address = Nice.Address()
address.init()
address.set_from_string(host)
agent.add_local_address(address)
stream = agent.add_stream(1)


def say(message):
    print(json.dumps(message), flush=True)


def on_gathered(_agent, _stream):
    _, ufrag, pwd = agent.get_local_credentials(stream)
    lines = [agent.generate_local_candidate_sdp(one) for one in agent.get_local_candidates(stream, 1)]
    say({"ufrag": ufrag, "pwd": pwd, "candidates": lines})


def on_state(_agent, _stream, component, state):
    if state == Nice.ComponentState.READY:
        say({"state": "ready"})
        nice.nice_agent_send(ctypes.c_void_p(hash(agent)), stream, component, 5, b"hello")
    if state == Nice.ComponentState.FAILED:
        say({"state": "failed"})


# The agent reads its sockets only for who wants to hear. Python's bindings lack that function, and cannot send.
nice = ctypes.CDLL("libnice.so.10")
HEAR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p)
on_message = HEAR(lambda *_message: None)


def hear():
    attach = nice.nice_agent_attach_recv
    attach.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, HEAR, ctypes.c_void_p]
    attach(hash(agent), stream, 1, None, on_message, None)


def on_line(source, _condition):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    remote = json.loads(line)
    agent.set_remote_credentials(stream, remote["ufrag"], remote["pwd"])
    candidates = [agent.parse_remote_candidate_sdp(stream, one) for one in remote["candidates"]]
    agent.set_remote_candidates(stream, 1, [one for one in candidates if one is not None])
    return True


agent.connect("candidate-gathering-done", on_gathered)
agent.connect("component-state-changed", on_state)
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
hear()
agent.gather_candidates(stream)
loop.run()
