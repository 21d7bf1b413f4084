namespace DeployCard.Bench.Common.Processes;

/// <summary>Paths of the measured programs, built in the same configuration as this program.</summary>
internal static class BuildOutput
{
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    public static bool IsRelease => Output.Parent!.Name == "Release";

    public static string Silo => GetPath("silo", "DeployCard.Silo.dll");

    public static string BareYarp => GetPath("bench/bare-yarp", "BareYarp.dll");

    public static string BareAccept => GetPath("bench/bare-accept", "BareAccept.dll");

    public static string BareJson => GetPath("bench/bare-json", "BareJson.dll");

    public static string Pod => GetPath("bench/pod", "Pod.dll");

    // Output is a folder such as …/bench/gateway/bin/Release/net10.0.
    private static string GetPath(string project, string file) =>
        Path.Combine(Output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, project, "bin", Output.Parent.Name, Output.Name, file);
}
