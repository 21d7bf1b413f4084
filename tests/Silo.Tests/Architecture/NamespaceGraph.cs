using System.Text.RegularExpressions;
using DeployCard.Tests.Support;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace DeployCard.Silo.Tests.Architecture;

/// <summary>
/// The dependencies between the namespaces of the product, each of which is a folder. They are read from the compiled code and from the
/// <c>using</c> directives: constants leave no trace in compiled code, and an unnecessary directive does not compile.
/// </summary>
internal sealed partial class NamespaceGraph
{
    private const string Prefix = "DeployCard.";

    private readonly SortedDictionary<string, SortedDictionary<string, string>> edges = new(StringComparer.Ordinal);

    /// <summary>Adds a dependency, with an example of its cause.</summary>
    public void Add(string from, string to, string cause)
    {
        if (!edges.TryGetValue(from, out var targets))
            edges[from] = targets = new(StringComparer.Ordinal);
        if (from != to)
            targets.TryAdd(to, cause);
    }

    /// <summary>The namespaces, in alphabetical order.</summary>
    public IReadOnlyCollection<string> Namespaces => edges.Keys;

    /// <summary>Returns the namespaces that a namespace depends on.</summary>
    public IReadOnlyCollection<string> TargetsOf(string name) => edges.TryGetValue(name, out var targets) ? targets.Keys : [];

    /// <summary>Reads the dependencies of all assemblies of the product.</summary>
    public static NamespaceGraph OfProduct()
    {
        var graph = new NamespaceGraph();
        foreach (var assembly in ProductAssemblies.All)
        {
            using var module = ModuleDefinition.ReadModule(assembly.Location);
            foreach (var type in module.GetTypes())
                graph.AddType(type);
        }

        var folders = new[] { "grains", "graphql", "silo" }.Select(folder => Path.Combine(Snapshot.Root, folder));
        foreach (var file in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)))
            graph.AddSource(File.ReadAllText(file), Path.GetFileName(file));
        return graph;
    }

    /// <summary>
    /// Returns the groups of namespaces that depend on each other in a circle (strongly connected components of more than one namespace),
    /// with the cause of each dependency inside the group.
    /// </summary>
    public IReadOnlyList<string> FindCycles()
    {
        var reachable = edges.Keys.ToDictionary(name => name, Reachable, StringComparer.Ordinal);
        return
        [
            .. edges
                .Keys.Where(name => reachable[name].Contains(name))
                .GroupBy(name => string.Join(", ", edges.Keys.Where(other => IsSameCycle(reachable, name, other))), StringComparer.Ordinal)
                .Select(group => $"{group.Key}: {string.Join("; ", CausesWithin([.. group]))}"),
        ];
    }

    private static bool IsSameCycle(Dictionary<string, HashSet<string>> reachable, string one, string other) =>
        reachable[one].Contains(other) && reachable[other].Contains(one);

    private IEnumerable<string> CausesWithin(IReadOnlyList<string> names) =>
        from name in names
        from target in edges[name]
        where names.Contains(target.Key)
        select $"{name} -> {target.Key} ({target.Value})";

    private HashSet<string> Reachable(string start)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(TargetsOf(start));
        while (next.TryDequeue(out var name))
        {
            if (found.Add(name))
            {
                foreach (var target in TargetsOf(name))
                    next.Enqueue(target);
            }
        }

        return found;
    }

    private void AddSource(string text, string file)
    {
        if (Declaration().Match(text) is not { Success: true } declared)
            return;
        foreach (Match directive in Directive().Matches(text))
            Add(Shorten(declared.Groups["name"].Value), Shorten(directive.Groups["name"].Value), file);
    }

    private void AddType(TypeDefinition type)
    {
        if (NamespaceOf(type) is not { } from)
            return;
        var cause = Outermost(type).Name;
        Add(from, from, cause);
        foreach (var used in UsedTypes(type))
        {
            if (NamespaceOf(used) is { } to)
                Add(from, to, $"{cause} uses {Outermost(used.GetElementType()).Name}");
        }
    }

    private static IEnumerable<TypeReference> UsedTypes(TypeDefinition type)
    {
        IEnumerable<TypeReference?> direct =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.Fields.Select(field => field.FieldType),
            .. type.CustomAttributes.Concat(type.Fields.SelectMany(f => f.CustomAttributes)).SelectMany(AttributeTypes),
            .. type.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType),
            .. type.Methods.SelectMany(MethodTypes),
        ];
        return direct.OfType<TypeReference>().SelectMany(Expand);
    }

    private static IEnumerable<TypeReference?> AttributeTypes(CustomAttribute attribute) =>
        [
            attribute.AttributeType,
            .. attribute.ConstructorArguments.Where(argument => argument.Value is TypeReference).Select(a => (TypeReference)a.Value),
        ];

    private static IEnumerable<TypeReference?> MethodTypes(MethodDefinition method) =>
        [
            method.ReturnType,
            .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method.CustomAttributes.SelectMany(AttributeTypes),
            .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
            .. method.HasBody ? method.Body.Instructions.SelectMany(OperandTypes) : [],
        ];

    private static IEnumerable<TypeReference?> OperandTypes(Instruction instruction) =>
        instruction.Operand switch
        {
            TypeReference type => [type],
            GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments, method.ReturnType],
            MethodReference method => [method.DeclaringType, method.ReturnType, .. method.Parameters.Select(p => p.ParameterType)],
            FieldReference field => [field.DeclaringType, field.FieldType],
            _ => [],
        };

    /// <summary>Returns the type without array, pointer or generic instance, and its generic arguments.</summary>
    private static IEnumerable<TypeReference> Expand(TypeReference type) =>
        type switch
        {
            GenericInstanceType generic => generic.GenericArguments.SelectMany(Expand).Append(generic.ElementType),
            TypeSpecification specification => Expand(specification.ElementType),
            GenericParameter => [],
            _ => [type],
        };

    /// <summary>Returns the namespace of a type of the product; null for any other type and for generated code.</summary>
    private static string? NamespaceOf(TypeReference type) =>
        Outermost(type).Namespace is { } name && name.StartsWith(Prefix, StringComparison.Ordinal) ? Shorten(name) : null;

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    private static string Shorten(string name) => name[Prefix.Length..];

    [GeneratedRegex(@"^namespace (?<name>DeployCard\.[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^using (?<name>DeployCard\.[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Directive();
}
