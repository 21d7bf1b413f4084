using System.Reflection;
using GraphQL;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Reads the annotations of this assembly for types of other assemblies.</summary>
internal static class AssemblyAnnotations
{
    private static readonly Dictionary<Type, string> Names = typeof(AssemblyAnnotations)
        .Assembly.GetCustomAttributes<SchemaTypeAttribute>()
        .ToDictionary(named => named.Type, named => named.Name);

    private static readonly IFieldDescriber[] Describers =
    [
        .. typeof(AssemblyAnnotations)
            .Assembly.GetCustomAttributes<FieldDescriberAttribute>()
            .Select(attribute => (IFieldDescriber)Activator.CreateInstance(attribute.Describer)!),
    ];

    /// <summary>Returns the schema name of a type; null if the type is not annotated.</summary>
    public static string? FindName(Type type) => Names.GetValueOrDefault(type);

    /// <summary>Returns the description of a field; null if it is that of its XML documentation.</summary>
    public static string? Describe(MemberInfo member, bool isInput) =>
        Describers.Select(describer => describer.Describe(member, isInput, Summarize)).FirstOrDefault(text => text is not null);

    /// <summary>Returns the summary in the XML documentation of a member; null if it has none.</summary>
    public static string? Summarize(MemberInfo member) => member.Description();
}
