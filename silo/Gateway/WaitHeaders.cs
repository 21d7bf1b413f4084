using System.Globalization;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>Response headers that report how long a request waited for a pod.</summary>
internal static class WaitHeaders
{
    /// <summary>Adds the headers to the response if the request waited for a pod.</summary>
    public static void Write(HttpResponse response, Admission admission)
    {
        if (admission.Waited <= TimeSpan.Zero)
            return;
        if (admission.IsCold)
            response.Headers[HeaderNames.ColdStart] = "true";
        response.Headers[HeaderNames.WaitedMs] = ((long)admission.Waited.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    }
}
