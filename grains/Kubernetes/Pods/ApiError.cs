using System.Net;
using System.Text.Json;
using DeployCard.Contracts.Pods;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Meaning of the error responses of the API server.</summary>
internal static class ApiError
{
    /// <summary>Whether the request conflicted with a concurrent one, so that an immediate retry may succeed.</summary>
    public static bool IsConflict(HttpOperationException e) =>
        e.Response.StatusCode is HttpStatusCode.Conflict
        && GetMessage(e).StartsWith("Operation cannot be fulfilled", StringComparison.Ordinal);

    /// <summary>
    /// Returns the reason of a rejection that an immediate retry would not change; null for a transient failure such as overload.
    /// </summary>
    public static (string Reason, string Message)? GetRejection(HttpOperationException e) =>
        e.Response.StatusCode switch
        {
            HttpStatusCode.Forbidden when GetMessage(e) is var text && text.Contains(" quota", StringComparison.Ordinal) => (
                PodReasons.QuotaExceeded,
                text
            ),
            HttpStatusCode.Forbidden
            or HttpStatusCode.BadRequest
            or HttpStatusCode.UnprocessableEntity
            or HttpStatusCode.Conflict
            or HttpStatusCode.NotFound => (PodReasons.Rejected, GetMessage(e)),
            // A failing admission webhook is reported as an internal error, although the API server works.
            HttpStatusCode.InternalServerError when GetMessage(e) is var text && text.Contains("webhook", StringComparison.Ordinal) => (
                PodReasons.Rejected,
                text
            ),
            _ => null,
        };

    /// <summary>Returns the message of the API server.</summary>
    public static string GetMessage(HttpOperationException e)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(e.Response.Content).Message ?? e.Message;
        }
        catch (JsonException)
        {
            return e.Message;
        }
    }
}
