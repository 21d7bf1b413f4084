using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Gateway;

/// <summary>What of a request's target goes to the pod: <c>/predict/{deployment}/{path}?{query}</c> becomes <c>/{path}?{query}</c>.</summary>
internal static class PodTarget
{
    /// <summary>What the path of a prediction begins with.</summary>
    public const string Start = "/predict/";

    /// <summary>The name of the deployment that a path means; empty where it is no prediction's.</summary>
    public static ReadOnlySpan<char> NameIn(string? path)
    {
        if (path is null || !path.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
            return default;
        var rest = path.AsSpan(Start.Length);
        return rest.IndexOf('/') is var end and >= 0 ? rest[..end] : rest;
    }

    /// <summary>The path and query for the pod, as the client escaped them, beginning with a slash.</summary>
    public static ReadOnlyMemory<char> Of(HttpContext context, string deployment)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        // The server has resolved dot segments to find this end point; a target that has any is taken as it was resolved.
        if (!Begins(raw, deployment) || HasDotSegment(raw))
            raw = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        var rest = raw.AsMemory(Start.Length + deployment.Length);
        return rest.Span is ['/', ..] ? rest : $"/{rest}".AsMemory();
    }

    private static bool Begins(string raw, string deployment) =>
        raw.StartsWith(Start, StringComparison.Ordinal) && raw.AsSpan(Start.Length).StartsWith(deployment, StringComparison.Ordinal);

    private static bool HasDotSegment(string raw)
    {
        var path = raw.AsSpan(0, raw.IndexOf('?') is var end and >= 0 ? end : raw.Length);
        if (!path.Contains("/.", StringComparison.Ordinal) && !path.Contains("%2e", StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var segment in path.Split('/'))
        {
            if (path[segment].ToString().Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
                return true;
        }

        return false;
    }
}
