namespace DeployCard.Bench.Common.Processes;

/// <summary>Where the build put the programs that are measured, in the configuration of this program.</summary>
internal static class Built
{
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    public static bool IsRelease => Output.Parent!.Name == "Release";

    public static string Silo => Of("silo", "DeployCard.Silo.dll");

    public static string BareYarp => Of("bench/bare-yarp", "BareYarp.dll");

    public static string BareAccept => Of("bench/bare-accept", "BareAccept.dll");

    public static string BareJson => Of("bench/bare-json", "BareJson.dll");

    public static string Pod => Of("bench/pod", "Pod.dll");

    // …/bench/gateway/bin/Release/net10.0
    private static string Of(string project, string file) =>
        Path.Combine(Output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, project, "bin", Output.Parent.Name, Output.Name, file);
}
