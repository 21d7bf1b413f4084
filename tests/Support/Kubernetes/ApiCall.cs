using Microsoft.AspNetCore.Http;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>A kind of request to the API server, in the words of its access rules.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Group">The API group; empty for the core one.</param>
/// <param name="Resource">As in <c>pods</c>.</param>
/// <param name="Subresource">As in <c>log</c>; empty for none.</param>
/// <param name="Verb">As in <c>list</c>.</param>
public sealed record ApiCall(string Method, string Group, string Resource, string Subresource, string Verb)
{
    /// <summary>What a rule names it by, as in <c>pods/log</c>.</summary>
    public string Target => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>What a request is: <c>/api/v1/namespaces/{ns}/pods/{name}/log</c> or <c>/apis/{group}/{version}/namespaces/{ns}/{resource}</c>.</summary>
    public static ApiCall Of(HttpRequest request)
    {
        var path = request.Path.Value!.Trim('/').Split('/');
        var isCore = path[0] == "api";
        var rest = path.Skip(isCore ? 2 : 3).ToArray();
        // Without a namespace it is about objects of all of them, or about those that are in none.
        var of = rest is ["namespaces", _, .. var within] && within.Length > 0 ? within : rest;
        return new(
            request.Method,
            isCore ? "" : path.ElementAtOrDefault(1) ?? "",
            of.ElementAtOrDefault(0) ?? "",
            of.ElementAtOrDefault(2) ?? "",
            VerbOf(request, of.Length > 1)
        );
    }

    private static string VerbOf(HttpRequest request, bool hasName) =>
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
