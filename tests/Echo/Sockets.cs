using System.Net.WebSockets;

namespace DeployCard.Tests.Echo;

/// <summary>WebSockets.</summary>
internal static class Sockets
{
    public static void MapSockets(this WebApplication app)
    {
        app.Map("/ws/{**mark}", Echo);
        app.Map("/ws-close", Close);
        app.Map("/ws-ping", Ping);
    }

    /// <summary>Sends everything back, the reason of the end too. Of the protocols that are offered it takes the last.</summary>
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

    /// <summary>Is the first to close.</summary>
    private static async Task Close(HttpContext context, int code, string reason)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.CloseAsync((WebSocketCloseStatus)code, reason, context.RequestAborted);
    }

    /// <summary>Says nothing but pings.</summary>
    private static async Task Ping(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = TimeSpan.FromMilliseconds(50), KeepAliveTimeout = TimeSpan.FromSeconds(30) }
        );
        await socket.ReceiveAsync(new byte[100], context.RequestAborted);
    }
}
