using System.Net.Sockets;
using System.Security.Authentication;
using DeployCard.Common.Text;

namespace DeployCard.Callbacks;

/// <summary>Describes why a delivery failed, in a sentence for the user who provided the URL.</summary>
internal static class CallbackFailure
{
    private const int MaxReasonLength = 300;

    public static string Describe(Exception failure) =>
        failure switch
        {
            CallbackHostNotAllowedException => failure.Message,
            { InnerException: CallbackHostNotAllowedException notAllowed } => notAllowed.Message,
            { InnerException: AuthenticationException tls } =>
                $"The TLS handshake failed: {DisplayText.Shorten(tls.Message, MaxReasonLength)}",
            {
                InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
            } => "The host name could not be resolved.",
            { InnerException: SocketException socket } =>
                $"The host could not be reached: {DisplayText.Shorten(socket.Message, MaxReasonLength)}",
            SocketException socket => $"The host could not be reached: {DisplayText.Shorten(socket.Message, MaxReasonLength)}",
            _ => $"The connection failed: {DisplayText.Shorten(failure.Message, MaxReasonLength)}",
        };
}
