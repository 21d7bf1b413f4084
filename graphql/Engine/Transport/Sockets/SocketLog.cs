using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

internal static partial class SocketLog
{
    [LoggerMessage(1, LogLevel.Error, "An operation on a GraphQL WebSocket failed; the connection is closed with 4500.")]
    public static partial void OperationFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Authenticating the opener of a GraphQL WebSocket failed; the connection is closed with 4500.")]
    public static partial void GreetingFailed(ILogger logger, Exception exception);
}
