using System.Web;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>A unique request for work. Its token identifies it to the pods and in the list of calls.</summary>
/// <param name="Token">Unique token of the request.</param>
/// <param name="HasKey">Whether the token is also sent as <c>Idempotency-Key</c>.</param>
/// <param name="Milliseconds">Duration of the work in milliseconds.</param>
/// <param name="Fails">Number of attempts that the pod fails with 503 before it does the work.</param>
/// <param name="Bytes">Length of the request body in bytes.</param>
internal sealed record WorkCall(string Token, bool HasKey, int Milliseconds, int Fails, int Bytes)
{
    /// <summary>Body size that is too large for the call's state, so that the body is stored separately.</summary>
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

    /// <summary>Parses the token and the number of 503 responses from the path of a call.</summary>
    public static (string Token, int Fails) Parse(string path)
    {
        var query = HttpUtility.ParseQueryString(path[path.IndexOf('?')..]);
        return (query["token"]!, int.Parse(query["fail"]!));
    }
}
