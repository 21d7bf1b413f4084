namespace DeployCard.Silo.Gateway;

/// <summary>The id by which a request is found again in the logs of caller, gateway and pod: the caller's, or a new one.</summary>
internal static class RequestId
{
    public const string Header = "X-Request-Id";

    private const int Longest = 128;

    /// <summary>Sets it on the request, for the pod, and on the answer.</summary>
    public static void Ensure(HttpContext context)
    {
        var given = context.Request.Headers[Header].ToString();
        var id = given.Length is > 0 and <= Longest ? given : Guid.CreateVersion7().ToString("N");
        context.Request.Headers[Header] = id;
        context.Response.Headers[Header] = id;
    }
}
