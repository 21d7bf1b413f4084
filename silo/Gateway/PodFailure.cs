using System.Net.Sockets;

namespace DeployCard.Gateway;

/// <summary>Classifies failures of requests to pods, to decide about retries and ejection.</summary>
internal static class PodFailure
{
    /// <summary>Whether connecting failed, so that no part of the request was sent.</summary>
    public static bool IsConnectFailure(Exception? exception) =>
        exception
            is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                // The connect timeout of SocketsHttpHandler.
                or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>
    /// Whether the connection was closed because its peer is unreachable (<see cref="PodConnections"/>). The pod may or may not have
    /// received the request.
    /// </summary>
    public static bool IsConnectionLost(Exception? exception) =>
        exception switch
        {
            // A canceled request says nothing about the pod: the gateway itself closed the connection.
            null or OperationCanceledException => false,
            SocketException socket => socket.SocketErrorCode
                is SocketError.TimedOut
                    or SocketError.OperationAborted
                    or SocketError.HostUnreachable
                    or SocketError.NetworkUnreachable
                    or SocketError.HostDown
                    or SocketError.NetworkDown,
            AggregateException all => all.InnerExceptions.Any(IsConnectionLost),
            _ => IsConnectionLost(exception.InnerException),
        };

    /// <summary>Whether the pod is unreachable, so that it must be ejected until a probe reaches it.</summary>
    public static bool IsPodUnreachable(Exception? exception) => IsConnectFailure(exception) || IsConnectionLost(exception);

    /// <summary>
    /// Returns the exception caused by the client's request body, at any depth of <paramref name="exception"/>; null if the client did not
    /// cause the failure.
    /// </summary>
    public static BadHttpRequestException? FindClientError(Exception? exception) =>
        exception switch
        {
            null => null,
            BadHttpRequestException bad => bad,
            AggregateException all => all.InnerExceptions.Select(FindClientError).FirstOrDefault(bad => bad is not null),
            _ => FindClientError(exception.InnerException),
        };

    /// <summary>Whether a method is idempotent (RFC 9110, section 9.2.2), so that its request may be sent twice.</summary>
    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method)
        || HttpMethods.IsHead(method)
        || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method)
        || HttpMethods.IsDelete(method)
        || HttpMethods.IsTrace(method);
}
