using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Gateway;

/// <summary>
/// Rewrites the target of a prediction for the pod: <c>/predict/{deployment}/{path}?{query}</c> becomes <c>/{path}?{query}</c>.
/// </summary>
internal static class PodTarget
{
    /// <summary>Start of the path of all predictions.</summary>
    public const string PathPrefix = "/predict/";

    /// <summary>Returns the deployment name in the path of a prediction; empty if the path is not that of a prediction.</summary>
    public static ReadOnlySpan<char> GetDeploymentName(string? path)
    {
        if (path is null || !path.StartsWith(PathPrefix, StringComparison.OrdinalIgnoreCase))
            return default;
        var rest = path.AsSpan(PathPrefix.Length);
        return rest.IndexOf('/') is var end and >= 0 ? rest[..end] : rest;
    }

    /// <summary>Returns the path and query for the pod, starting with a slash and escaped as the client sent them.</summary>
    public static ReadOnlyMemory<char> GetTarget(HttpContext context, string deployment)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        // The server resolves dot segments before routing. A target with dot segments is therefore replaced by the resolved path.
        if (!Begins(raw, deployment) || HasDotSegment(raw))
            raw = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        var rest = raw.AsMemory(PathPrefix.Length + deployment.Length);
        return rest.Span is ['/', ..] ? rest : $"/{rest}".AsMemory();
    }

    private static bool Begins(string raw, string deployment) =>
        raw.StartsWith(PathPrefix, StringComparison.Ordinal)
        && raw.AsSpan(PathPrefix.Length).StartsWith(deployment, StringComparison.Ordinal);

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
