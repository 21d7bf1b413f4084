using System.Net.Sockets;
using System.Security.Authentication;

namespace DeployCard.Silo.Callbacks;

/// <summary>Describes why a delivery failed, in a sentence for the user who provided the URL.</summary>
internal static class CallbackFailure
{
    public static string Describe(Exception failure) =>
        failure switch
        {
            CallbackHostNotAllowedException => failure.Message,
            { InnerException: CallbackHostNotAllowedException notAllowed } => notAllowed.Message,
            { InnerException: AuthenticationException tls } => $"The TLS handshake failed: {Shorten(tls.Message)}",
            {
                InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
            } => "The host name could not be resolved.",
            { InnerException: SocketException socket } => $"The host could not be reached: {Shorten(socket.Message)}",
            SocketException socket => $"The host could not be reached: {Shorten(socket.Message)}",
            _ => $"The connection failed: {Shorten(failure.Message)}",
        };

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
