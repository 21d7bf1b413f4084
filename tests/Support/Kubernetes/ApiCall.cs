using Microsoft.AspNetCore.Http;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>Kind of a request to the API server, in the terms of RBAC rules.</summary>
/// <param name="Method">HTTP method of the request.</param>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Resource type, such as <c>pods</c>.</param>
/// <param name="Subresource">Subresource, such as <c>log</c>; empty if the request has none.</param>
/// <param name="Verb">RBAC verb, such as <c>list</c>.</param>
public sealed record ApiCall(string Method, string Group, string Resource, string Subresource, string Verb)
{
    /// <summary>Resource name in an RBAC rule, such as <c>pods/log</c>.</summary>
    public string Target => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>
    /// Returns the kind of a request from its path, such as <c>/api/v1/namespaces/{ns}/pods/{name}/log</c> or
    /// <c>/apis/{group}/{version}/namespaces/{ns}/{resource}</c>.
    /// </summary>
    public static ApiCall FromRequest(HttpRequest request)
    {
        var path = request.Path.Value!.Trim('/').Split('/');
        var isCore = path[0] == "api";
        var rest = path.Skip(isCore ? 2 : 3).ToArray();
        // A path without a namespace refers to objects of all namespaces or to cluster-scoped objects.
        var of = rest is ["namespaces", _, .. var within] && within.Length > 0 ? within : rest;
        return new(
            request.Method,
            isCore ? "" : path.ElementAtOrDefault(1) ?? "",
            of.ElementAtOrDefault(0) ?? "",
            of.ElementAtOrDefault(2) ?? "",
            GetVerb(request, of.Length > 1)
        );
    }

    private static string GetVerb(HttpRequest request, bool hasName) =>
        (request.Method, hasName) switch
        {
            ("GET", true) => "get",
            ("GET", false) => request.Query["watch"].FirstOrDefault() is "true" or "True" or "1" ? "watch" : "list",
            ("DELETE", false) => "deletecollection",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            var (method, _) => method.ToLowerInvariant(),
        };
}
