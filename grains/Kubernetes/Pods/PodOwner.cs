using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>
/// Owner of the pods: the service account that the silo runs as. Because they have an owner, <c>kubectl drain</c> evicts the pods like
/// any managed pod, and the garbage collector deletes them together with the account.
/// </summary>
/// <remarks>
/// Name and UID of the account come from the silo's own token, so the silo needs no right to read service accounts. The token of a deleted
/// account is no longer valid, so a new pod never gets an owner that does not exist.
/// </remarks>
internal static class PodOwner
{
    /// <summary>
    /// Returns the owner reference for the service account in the claim <c>kubernetes.io</c> of a token; null if the token does not name an
    /// account, or if the account is in another namespace than the pods. Kubernetes treats an owner in another namespace as missing and
    /// would delete the pods.
    /// </summary>
    /// <param name="token">The JSON Web Token of a service account; null if the silo has none.</param>
    /// <param name="podsNamespace">The namespace in which pods are created.</param>
    public static V1OwnerReference? FromToken(string? token, string podsNamespace) =>
        Account(token) is { Namespace: { } from, ServiceAccount: { Name: { } name, Uid: { } uid } } && from == podsNamespace
            ? new()
            {
                ApiVersion = "v1",
                Kind = "ServiceAccount",
                Name = name,
                Uid = uid,
                Controller = true,
            }
            : null;

    private static Identity? Account(string? token)
    {
        if (token?.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            return JsonSerializer.Deserialize<Claims>(Base64Url.DecodeFromChars(payload), JsonSerializerOptions.Web)?.Kubernetes;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private sealed record Claims([property: JsonPropertyName("kubernetes.io")] Identity? Kubernetes);

    private sealed record Identity(string? Namespace, AccountClaim? ServiceAccount);

    private sealed record AccountClaim(string? Name, string? Uid);
}
