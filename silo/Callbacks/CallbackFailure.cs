using System.Net.Sockets;
using System.Security.Authentication;

namespace DeployCard.Silo.Callbacks;

/// <summary>Why a receiver could not be reached, in a sentence for the person who wrote its address.</summary>
internal static class CallbackFailure
{
    public static string Sentence(Exception failure) =>
        failure switch
        {
            CallbackRefusedException => failure.Message,
            { InnerException: CallbackRefusedException refused } => refused.Message,
            { InnerException: AuthenticationException tls } => $"No secure connection: {Shorten(tls.Message)}",
            {
                InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
            } => "The name of the host leads to no address.",
            { InnerException: SocketException socket } => $"The host could not be reached: {Shorten(socket.Message)}",
            SocketException socket => $"The host could not be reached: {Shorten(socket.Message)}",
            _ => $"The connection broke off: {Shorten(failure.Message)}",
        };

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
