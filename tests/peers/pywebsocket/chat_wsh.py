# What pywebsocket3 runs for the resource /chat: it echoes, and speaks the subprotocol `chat`.


def web_socket_do_extra_handshake(request):
    if "chat" in (request.ws_requested_protocols or []):
        request.ws_protocol = "chat"


def web_socket_transfer_data(request):
    while (message := request.ws_stream.receive_message()) is not None:
        request.ws_stream.send_message(message, binary=isinstance(message, bytes))
