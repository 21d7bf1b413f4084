using System.Net.WebSockets;

namespace DeployCard.Tests.Echo;

/// <summary>Endpoints that use WebSockets.</summary>
internal static class Sockets
{
    public static void MapSockets(this WebApplication app)
    {
        app.Map("/ws/{**mark}", Echo);
        app.Map("/ws-close", Close);
        app.Map("/ws-ping", Ping);
    }

    /// <summary>Echoes each message and the close reason. Accepts the last of the requested subprotocols.</summary>
    private static async Task Echo(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.LastOrDefault());
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
        await socket.CloseOutputAsync(
            socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure,
            socket.CloseStatusDescription,
            context.RequestAborted
        );
    }

    /// <summary>Closes the WebSocket from the side of the pod.</summary>
    private static async Task Close(HttpContext context, int code, string reason)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.CloseAsync((WebSocketCloseStatus)code, reason, context.RequestAborted);
    }

    /// <summary>Accepts a WebSocket and sends only pings.</summary>
    private static async Task Ping(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = TimeSpan.FromMilliseconds(50), KeepAliveTimeout = TimeSpan.FromSeconds(30) }
        );
        await socket.ReceiveAsync(new byte[100], context.RequestAborted);
    }
}
