using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

internal static partial class SocketLog
{
    [LoggerMessage(1, LogLevel.Error, "An operation on a GraphQL WebSocket failed; closing the connection with code 4500")]
    public static partial void OperationFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Authenticating the client of a GraphQL WebSocket failed; closing the connection with code 4500")]
    public static partial void AuthenticationFailed(ILogger logger, Exception exception);
}
