using System.Net.Sockets;

namespace DeployCard.Silo.Gateway;

/// <summary>What a failed request to a pod means for a second try.</summary>
internal static class PodFailure
{
    /// <summary>Whether no connection came about, so that nothing of the request was sent.</summary>
    public static bool IsUnreached(Exception? exception) =>
        exception
            is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                // A connection that did not come about in its time.
                or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>
    /// Whether a connection ended because nobody answered at its other end (<see cref="PodConnections"/>). What the pod has seen of the request is not known.
    /// </summary>
    public static bool IsLost(Exception? exception) =>
        exception switch
        {
            // Who gives up, or is given up on, closes the connection himself.
            null or OperationCanceledException => false,
            SocketException socket => socket.SocketErrorCode
                is SocketError.TimedOut
                    or SocketError.OperationAborted
                    or SocketError.HostUnreachable
                    or SocketError.NetworkUnreachable
                    or SocketError.HostDown
                    or SocketError.NetworkDown,
            AggregateException all => all.InnerExceptions.Any(IsLost),
            _ => IsLost(exception.InnerException),
        };

    /// <summary>Whether further requests would fare no better: the pod is out until it can be reached.</summary>
    public static bool IsAway(Exception? exception) => IsUnreached(exception) || IsLost(exception);

    /// <summary>What the client did wrong in its body, wherever in a failure it stands; null where it was not the client.</summary>
    public static BadHttpRequestException? ClientsFault(Exception? exception) =>
        exception switch
        {
            null => null,
            BadHttpRequestException bad => bad,
            AggregateException all => all.InnerExceptions.Select(ClientsFault).FirstOrDefault(bad => bad is not null),
            _ => ClientsFault(exception.InnerException),
        };

    /// <summary>Whether a method's effect is the same when it is seen twice (RFC 9110, section 9.2.2).</summary>
    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method)
        || HttpMethods.IsHead(method)
        || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method)
        || HttpMethods.IsDelete(method)
        || HttpMethods.IsTrace(method);
}
