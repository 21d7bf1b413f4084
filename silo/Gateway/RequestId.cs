using System.Security.Cryptography;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>
/// Id that identifies a request in the logs of the caller, the gateway and the pod. The gateway keeps a valid id of the caller and
/// otherwise generates an id.
/// </summary>
internal static class RequestId
{
    private const int MaxLength = 128;

    // A random prefix for each process and a counter: unique across silos and cheap. A random number for each request would cost half as
    // much as the key check.
    private static readonly ulong Process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private static ulong count = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    /// <summary>Sets the id on the request, for the pod, and on the response. An id of the caller must have 1 to 128 characters.</summary>
    public static void Ensure(HttpContext context)
    {
        if (context.Request.Headers.TryGetValue(HeaderNames.RequestId, out var given) && given is [{ Length: > 0 and <= MaxLength } own])
        {
            context.Response.Headers[HeaderNames.RequestId] = own;
            return;
        }

        var id = New();
        context.Request.Headers[HeaderNames.RequestId] = id;
        context.Response.Headers[HeaderNames.RequestId] = id;
    }

    private static string New() =>
        string.Create(
            32,
            Interlocked.Increment(ref count),
            static (text, number) =>
            {
                Process.TryFormat(text, out _, "x16");
                number.TryFormat(text[16..], out _, "x16");
            }
        );
}
