using System.Security.Cryptography;

namespace DeployCard.Silo.Gateway;

/// <summary>The id by which a request is found again in the logs of caller, gateway and pod: the caller's, or a new one.</summary>
internal static class RequestId
{
    public const string Header = "X-Request-Id";

    private const int Longest = 128;

    // Random once, then counted: no two silos make the same, and a random number for each request would be half of what its key check costs.
    private static readonly ulong Process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private static ulong count = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    /// <summary>Sets it on the request, for the pod, and on the answer.</summary>
    public static void Ensure(HttpContext context)
    {
        if (context.Request.Headers.TryGetValue(Header, out var given) && given is [{ Length: > 0 and <= Longest } own])
        {
            context.Response.Headers[Header] = own;
            return;
        }

        var id = New();
        context.Request.Headers[Header] = id;
        context.Response.Headers[Header] = id;
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
