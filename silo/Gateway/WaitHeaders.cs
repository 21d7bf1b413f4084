using System.Globalization;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>Response headers that report how long a request waited for a pod.</summary>
internal static class WaitHeaders
{
    /// <summary>Header with the value <c>true</c> if no pod was ready when the wait began; absent otherwise.</summary>
    public const string ColdStart = HeaderNames.ColdStart;

    /// <summary>Header with the waiting time in milliseconds; absent if the request did not wait.</summary>
    public const string WaitedMs = HeaderNames.WaitedMs;

    /// <summary>Adds the headers to the response if the request waited for a pod.</summary>
    public static void Write(HttpResponse response, Admission admission)
    {
        if (admission.Waited <= TimeSpan.Zero)
            return;
        if (admission.IsCold)
            response.Headers[ColdStart] = "true";
        response.Headers[WaitedMs] = ((long)admission.Waited.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    }
}
