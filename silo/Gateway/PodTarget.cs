using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Gateway;

/// <summary>What of a request's target goes to the pod: <c>/predict/{deployment}/{path}?{query}</c> becomes <c>/{path}?{query}</c>.</summary>
internal static class PodTarget
{
    /// <summary>The path and query for the pod, as the client escaped them.</summary>
    public static string Of(HttpContext context, string deployment)
    {
        var prefix = $"/predict/{deployment}";
        var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        // The server has resolved dot segments to find this end point; a target that has any is taken as it was resolved.
        if (!raw.StartsWith(prefix, StringComparison.Ordinal) || HasDotSegment(raw))
            raw = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        var rest = raw[prefix.Length..];
        return rest is ['/', ..] ? rest : "/" + rest;
    }

    private static bool HasDotSegment(string raw)
    {
        var path = raw.AsSpan(0, raw.IndexOf('?') is var end and >= 0 ? end : raw.Length);
        if (!path.Contains('.') && !path.Contains("%2e", StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var segment in path.Split('/'))
        {
            if (path[segment].ToString().Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
                return true;
        }

        return false;
    }
}
