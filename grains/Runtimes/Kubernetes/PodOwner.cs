using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>
/// Whom pods belong to: the service account that the silo acts as. So a node is drained of them as of any other pods, and what is left of an installation
/// goes with its account. Who that is stands in the account's own token: one of an account that has gone opens nothing, so no pod gets an owner that is not there.
/// </summary>
internal static class PodOwner
{
    /// <summary>
    /// The owner by a token as the API server gives them out, with the claim <c>kubernetes.io</c>. Null where it is none, or where the account is in another
    /// namespace than the pods: the platform would take such an owner for gone, and remove them.
    /// </summary>
    public static V1OwnerReference? Of(string? token, string podsNamespace) =>
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
