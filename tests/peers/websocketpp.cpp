// An echo server on WebSocket++, whose transport is whatever one gives it: here plain sockets, one connection after the other.
//
//   c++ -std=c++11 websocketpp.cpp -o FILE && FILE
//
// Prints `listening PORT` when it accepts connections. Debian: libwebsocketpp-dev.

#define _WEBSOCKETPP_CPP11_STL_
#include <websocketpp/config/core.hpp>
#include <websocketpp/server.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

typedef websocketpp::server<websocketpp::config::core> Server;
using websocketpp::connection_hdl;
using websocketpp::lib::error_code;

static error_code write_all(int peer, char const *data, size_t count) {
    while (count > 0) {
        ssize_t written = send(peer, data, count, MSG_NOSIGNAL);
        if (written <= 0) return error_code(EPIPE, std::generic_category());
        data += written;
        count -= written;
    }
    return error_code();
}

int main() {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = sockaddr_in();
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    sockaddr *any = reinterpret_cast<sockaddr *>(&address);
    if (bind(listener, any, size) || listen(listener, 5) || getsockname(listener, any, &size)) return 1;
    std::printf("listening %d\n", ntohs(address.sin_port));
    std::fflush(stdout);

    Server server;
    server.clear_access_channels(websocketpp::log::alevel::all);
    server.clear_error_channels(websocketpp::log::elevel::all);
    server.set_validate_handler([&](connection_hdl handle) {
        Server::connection_ptr connection = server.get_con_from_hdl(handle);
        for (std::string const &name : connection->get_requested_subprotocols())
            if (name == "chat") connection->select_subprotocol(name);
        return true;
    });
    server.set_message_handler([&](connection_hdl handle, Server::message_ptr message) {
        server.send(handle, message->get_payload(), message->get_opcode());
    });
    for (;;) {
        int peer = accept(listener, nullptr, nullptr);
        bool over = false;
        Server::connection_ptr connection = server.get_connection();
        connection->set_write_handler(
            [&](connection_hdl, char const *data, size_t count) { return write_all(peer, data, count); });
        connection->set_shutdown_handler([&](connection_hdl) {
            over = true;
            return error_code();
        });
        connection->start();
        char buffer[65536];
        ssize_t count;
        while (!over && (count = read(peer, buffer, sizeof buffer)) > 0) connection->read_all(buffer, count);
        connection->eof();
        close(peer);
    }
}
