using System.Web;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>A request for work of which there is only one: its token tells it from all others, to the pods and in the list of calls.</summary>
/// <param name="Token">Its name.</param>
/// <param name="HasKey">Whether the token is its <c>Idempotency-Key</c> as well.</param>
/// <param name="Milliseconds">How long the work takes.</param>
/// <param name="Fails">How often a pod answers 503 before.</param>
/// <param name="Bytes">The length of its body.</param>
internal sealed record WorkCall(string Token, bool HasKey, int Milliseconds, int Fails, int Bytes)
{
    /// <summary>Beyond what stands in a call's state: it gets a row beside.</summary>
    private const int LargeBody = 40 * 1024;

    public string Path => $"/work?token={Token}&ms={Milliseconds}&fail={Fails}";

    public static WorkCall Next(Random random, string token, int failing) =>
        new(
            token,
            HasKey: random.Next(2) == 0,
            Milliseconds: random.Next(5, 401),
            Fails: random.Next(100) < failing ? random.Next(1, 3) : 0,
            Bytes: random.Next(5) == 0 ? LargeBody : 16
        );

    /// <summary>The token and the 503s that the path of a call asks for.</summary>
    public static (string Token, int Fails) Of(string path)
    {
        var query = HttpUtility.ParseQueryString(path[path.IndexOf('?')..]);
        return (query["token"]!, int.Parse(query["fail"]!));
    }
}
